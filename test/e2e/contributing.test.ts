import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters as plain } from 'node:util';
import { WebSocket } from 'ws';
import { commandsBelow, read } from '../support/copied-code.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { freePort, ROOT, ServiceProcess } from '../support/process.js';

const PAGE = 'CONTRIBUTING.md';
const [DEV] = commandsBelow(PAGE, 'While you change it');
const [DEBUGGED_SERVICE, DEBUGGED_TEST = ''] = commandsBelow(PAGE, 'With a debugger');
const [SEEN_ON_THE_WIRE] = commandsBelow(PAGE, 'What goes over the wire');
const ONE_TEST = commandsBelow(PAGE, 'One test alone');
/** Longer than any of it takes beside other tests. */
const PATIENCE_MS = 60_000;
/** Any free port: that of the documents may be taken. */
const ANY_PORT = '127.0.0.1:0';

describe('the service in watch mode', () => {
  const TRIED = 'src/health/about.controller.ts';
  const BUILT = 'dist/main.js';
  let project: string;
  let service: ServiceProcess;
  let url: string;
  let source: string;

  const nameNow = async () => ((await (await fetch(url)).json()) as { name: string }).name;
  const write = (text: string) => writeFile(join(project, TRIED), text);
  /** The source of a service with another name. */
  const named = (name: string) => {
    const changed = source.replace(
      'name, version, links }',
      `name: name && '${name}', version, links }`,
    );
    expect(changed).not.toBe(source);
    return changed;
  };

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'switchboard-'));
    const needed = ['src', 'package.json', 'nest-cli.json'];
    const settings = ['tsconfig.json', 'tsconfig.build.json', 'tsconfig.dev.json'];
    for (const name of [...needed, ...settings]) {
      await cp(join(ROOT, name), join(project, name), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    await mkdir(join(project, 'dist'));
    await writeFile(join(project, BUILT), '// what tests run');
    source = await readFile(join(project, TRIED), 'utf8');

    const port = String(await freePort());
    const command = [...(SEEN_ON_THE_WIRE ?? '').split(' '), '--', '--debug', ANY_PORT].join(' ');
    service = ServiceProcess.start(
      { PORT: port, LOG_FORMAT: 'json' },
      ['sh', '-c', command],
      ['pipe', 'pipe'],
      project,
    );
    url = await service.listening();
  }, 2 * PATIENCE_MS);
  afterAll(async () => {
    await service.kill();
    await rm(project, { recursive: true });
  });

  it('is started as documented, with a debugger or the wire to look at or without', () => {
    expect(SEEN_ON_THE_WIRE).toMatch(new RegExp(`^DEBUG='[^']+' ${DEV}$`));
    expect(DEBUGGED_SERVICE).toBe(`${DEV} -- --debug`);
  });

  it('serves all that it serves when it was built', async () => {
    expect(await nameNow()).toBe('switchboard');
    expect((await fetch(`${url}/demo/`)).status).toBe(200);
  });

  it('waits for a debugger, and shows what comes from a client that polls', async () => {
    const peer = await Peer.connect(url, { transports: ['polling'] });
    await peer.ask('register', 'Ana');
    await peer.close();
    await eventually(() => {
      expect(service.stderr).toContain('Debugger listening on ws://127.0.0.1:');
      expect(plain(service.stderr)).toContain('emitting event ["register","Ana"');
    });
  });

  it(
    'starts anew at a change, and says what is wrong with the types while the last one runs on',
    async () => {
      const peer = await Peer.connect(url); // which is not waited for
      await write(named('changed'));
      await eventually(async () => expect(await nameNow()).toBe('changed'), PATIENCE_MS);

      await write(`${named('wrong')}\nexport const wrong: number = 'a text';`);
      await eventually(
        () => expect(plain(service.stdout)).toMatch(/about\.controller.*error TS2322/),
        PATIENCE_MS,
      );
      expect(await nameNow()).toBe('changed');

      await write(named('mended'));
      await eventually(async () => expect(await nameNow()).toBe('mended'), PATIENCE_MS);
      await peer.close();
    },
    3 * PATIENCE_MS,
  );

  it('copies a changed file of the demo page', async () => {
    // In one piece, as editors write: half a file might be copied.
    await writeFile(join(project, 'demo.css'), '/* changed */');
    await rename(join(project, 'demo.css'), join(project, 'src/demo/public/demo.css'));
    await eventually(async () => {
      expect(await (await fetch(`${url}/demo/demo.css`)).text()).toBe('/* changed */');
    });
  });

  it('touches nothing that tests run', async () => {
    expect(await readFile(join(project, BUILT), 'utf8')).toBe('// what tests run');
  });

  it('ends with its terminal, and leaves nothing behind', async () => {
    service.signalGroup('SIGINT');
    await service.exitCode();
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('one test alone', () => {
  it.each(ONE_TEST)(
    '%s',
    async (command) => {
      const { stderr } = await promisify(execFile)('sh', ['-c', command], { cwd: ROOT });
      expect(plain(stderr)).toMatch(/^Test Suites: 1 passed, 1 total$/m);
      expect(plain(stderr)).toMatch(/^Tests: .*\d+ passed/m);
      expect(stderr.includes('skipped')).toBe(command.includes(' -t '));
    },
    PATIENCE_MS,
  );

  it(
    'waits for a debugger, and runs once there is one',
    async () => {
      const command = DEBUGGED_TEST.replace('--inspect-brk', `--inspect-brk=${ANY_PORT}`);
      const child = spawn('sh', ['-c', `exec ${command}`], { cwd: ROOT });
      const ended = once(child, 'close');
      let written = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (written += text));
      let debugger_: WebSocket | undefined;
      try {
        await eventually(() => expect(written).toContain('Debugger listening on ws:'), PATIENCE_MS);
        expect(written).not.toContain('PASS');
        debugger_ = new WebSocket(/ws:\S+/.exec(written)?.[0] ?? '');
        await once(debugger_, 'open');
        debugger_.send(JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' }));
        await eventually(() => expect(plain(written)).toMatch(/^Tests: .*passed/m), PATIENCE_MS);
        debugger_.close();
        expect(await ended).toEqual([0, null]);
      } finally {
        debugger_?.terminate();
        child.kill('SIGKILL');
        await ended;
      }
    },
    3 * PATIENCE_MS,
  );
});

it('nothing else is there to copy into a shell', () => {
  const lines = [...read(PAGE).matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
  expect(lines).toEqual([DEV, ...ONE_TEST, DEBUGGED_SERVICE, DEBUGGED_TEST, SEEN_ON_THE_WIRE]);
});
