import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { eventually } from '../support/eventually.js';
import { ROOT, ensureBuilt } from '../support/process.js';

const BUILD_MS = 120_000;
const RUN_MS = 120_000;

/** Beside other tests a generator may well be the limit, and a server not have its turn in time. */
const MEASURED = /^-?\d|^generator was the limit$|^server got no CPU time$/;

/** Whether it measures, not what: other tests run beside it. */
(process.platform === 'linux' ? describe : describe.skip)('the benchmark', () => {
  let output = '';
  let bench: ChildProcess | undefined;

  beforeAll(async () => {
    await ensureBuilt();
    expect(await exitCode(run('node_modules/typescript/bin/tsc', '-p', 'bench'))).toBe(0);
  }, BUILD_MS);

  afterEach(() => bench?.kill());

  function run(...args: string[]): ChildProcess {
    output = '';
    bench = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [bench.stdout, bench.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    return bench;
  }

  it(
    'has a figure for every server in every scenario that it takes part in',
    async () => {
      const code = await exitCode(run('dist-bench/main.js', '--smoke'));
      expect({ code, output }).toMatchObject({ code: 0 });

      const stock = 'Switchboard, `FAST_PATH=off`';
      const all = ['tutorial', 'plain Nest', 'bare `ws`', 'PeerJS', 'Switchboard', stock];
      const atScale = ['tutorial', 'bare `ws`', 'PeerJS', 'Switchboard'];
      const both = ['tutorial', 'Switchboard'];
      expect(measured(output)).toEqual([
        ['Relay, w=1', all],
        ['Relay, w=10', all],
        ['Latency, p50', all],
        ['Latency, p99', all],
        ['Latency, p99.9', all],
        ['Connect and register', ['tutorial', 'plain Nest', 'Switchboard', stock]],
        ['Whole calls', both],
        ['Relay, w=1, 4 connections', atScale],
        ['Relay, w=10, 4 connections', atScale],
        ['Memory per idle connection', all],
        ['Memory per idle connection', ['tutorial', 'bare `ws`', 'Switchboard']],
        ['Memory per live call', ['Switchboard']],
        ['20 join', both],
        ['20 join', both],
        ['20 join', both],
        ['20 join, half of them watching', ['Switchboard']],
        ['20 join, half of them watching', ['Switchboard']],
        ['20 join, half of them watching', ['Switchboard']],
        ['5 of 20 leave', both],
        ['5 register among 20', both],
      ]);
      expect(output).toMatch(
        / cost the tutorial's server [\d.,]+ µs of CPU at w=1, and [\d.,]+ µs /,
      );
    },
    RUN_MS,
  );

  it(
    'leaves nothing running when it is interrupted',
    async () => {
      const interrupted = run('dist-bench/main.js', '--smoke', '--only', 'relay', '--rounds', '9');
      await eventually(() => expect(output).toContain('round 1'), RUN_MS);
      let servers: string[] = [];
      await eventually(() => {
        servers = childrenOf(interrupted.pid);
        expect(servers).not.toEqual([]);
      }, RUN_MS);

      interrupted.kill('SIGINT');
      expect(await exitCode(interrupted)).toBe(130);
      await eventually(() =>
        expect(servers.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]),
      );
    },
    RUN_MS,
  );

  it(
    'has figures for one attacker and for twenty',
    async () => {
      const args = ['--seconds', '0.5', '--only', 'pings'];
      expect(await exitCode(run('dist-bench/attacks.js', ...args))).toBe(0);
      expect(output).toMatch(/^\| WebSocket pings \| 1 \|.+\|$/m);
      expect(output).toMatch(/^\| WebSocket pings \| 20 \|.+\|$/m);
    },
    RUN_MS,
  );

  it('says what it takes, and measures nothing, when told what it does not know', async () => {
    expect(await exitCode(run('dist-bench/main.js', '--only', 'everything'))).toBe(1);
    expect(output).toContain('everything is none of relay, latency,');
    expect(output).toContain('--servers <names>');
  });
});

async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, 'close')) as unknown[];
  return code;
}

/** The rows of its table, each with the servers that were measured for it. */
function measured(output: string): [title: string, servers: string[]][] {
  const lines = output.split('\n').filter((line) => line.startsWith('| '));
  const [head = [], , ...rows] = lines.map((line) => line.split(' | '));
  const servers = head.slice(1, -1);
  return rows.map(([row = '', ...cells]) => [
    row.slice('| '.length, row.indexOf(' (')),
    servers.filter((_, column) => MEASURED.test(cells[column] ?? '')),
  ]);
}

function childrenOf(pid = 0): string[] {
  return readdirSync('/proc').filter((each) => {
    if (!/^\d+$/.test(each)) return false;
    try {
      const stat = readFileSync(`/proc/${each}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false; // it ended while the others were read
    }
  });
}
