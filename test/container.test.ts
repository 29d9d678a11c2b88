import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { validate } from 'dockerfile-utils';
import { format } from 'prettier';
import { Settings } from '../src/config/settings.js';
import { type RunningApp, startApp } from './support/app.js';

/** What docs/operations.md promises about the image, as far as it shows without building it. */
describe('Dockerfile', () => {
  it('has nothing that its linter would change', () => {
    expect(validate(read('Dockerfile'))).toEqual([]);
  });

  it('builds and runs on the slim image of Node 24', () => {
    expect(all('FROM')).toEqual(['node:24-slim AS build', 'node:24-slim']);
  });

  it('takes nothing from the network but the base image and the packages of the lock file', () => {
    expect(all('ADD')).toEqual([]);
    expect(read('Dockerfile')).not.toMatch(/^# *syntax=/m);
    expect(all('RUN')).toEqual(['npm ci', 'npm run build && npm prune --omit=dev']);
  });

  it('copies from the first stage only what runs, and from the context only what is let in', () => {
    const sources = all('COPY').map((copy) => copy.split(/\s+/).slice(0, -1));
    const [fromStage, fromContext] = [true, false].map((staged) =>
      sources.filter(([first]) => (first === '--from=build') === staged).flat(),
    );
    expect(fromStage?.filter((source) => source.startsWith('/'))).toEqual([
      '/app/package.json',
      '/app/node_modules',
      '/app/dist',
    ]);
    expect(fromContext?.filter((source) => !letIn().includes(source))).toEqual([]);
  });

  it('runs as a user that is a number and not root', () => {
    const [user] = all('USER').slice(-1);
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(runtime().filter((line) => /^(RUN|USER) /.test(line))).toHaveLength(1);
  });

  it('starts the service itself, without a shell or npm between it and the signals', () => {
    expect(all('ENTRYPOINT')).toEqual([]);
    expect(all('CMD').map((command) => JSON.parse(command) as unknown)).toEqual([
      ['node', 'dist/main.js'],
    ]);
  });

  it('says what it is', () => {
    const [labels = ''] = all('LABEL');
    const { license } = JSON.parse(read('package.json')) as { license: string };
    expect(labels).toContain('org.opencontainers.image.title="Switchboard"');
    expect(labels).toContain(`org.opencontainers.image.licenses="${license}"`);
  });

  it('exposes the default port', () => {
    expect(all('EXPOSE')).toEqual([String(new Settings().PORT)]);
  });
});

describe('HEALTHCHECK', () => {
  let app: RunningApp;

  afterEach(() => app.close());

  it('asks the port of the service, and fails once nobody answers', async () => {
    const PORT = await started();
    expect(await healthcheck({ PORT })).toBe(0);
    await app.close();
    expect(await healthcheck({ PORT })).toBe(1);
  });

  it('asks the address that the service listens on', async () => {
    const PORT = await started();
    expect(await healthcheck({ PORT, HOST: '0.0.0.0' })).toBe(0);
    expect(await healthcheck({ PORT, HOST: '127.0.0.2' })).toBe(1);
  });

  it('prefers the management port', async () => {
    expect(await healthcheck({ PORT: '1', MANAGEMENT_PORT: await started() })).toBe(0);
  });

  it('fails on any answer that is not 200', async () => {
    // Health is served on the other port then, so this one answers 404.
    const PORT = await started({ MANAGEMENT_PORT: '0' });
    expect(await healthcheck({ PORT, MANAGEMENT_PORT: '' })).toBe(1);
  });

  async function started(environment?: Record<string, string>): Promise<string> {
    app = await startApp(environment);
    return new URL(app.url).port;
  }
});

describe('.dockerignore', () => {
  it('keeps everything out but what it names', () => {
    const [first, ...rest] = ignored();
    expect(first).toBe('*');
    expect(letIn()).toEqual(rest.slice(0, letIn().length).map((line) => line.slice(1)));
  });

  it('keeps tests out', () => {
    const [last = ''] = ignored().slice(-1);
    expect(matchesGlob('src/presence/presence.service.spec.ts', last)).toBe(true);
    expect(letIn()).not.toContain('test');
  });
});

describe('deploy/compose.yaml', () => {
  const compose = read('deploy/compose.yaml');

  it('is valid YAML', async () => {
    await expect(format(compose, { parser: 'yaml' })).resolves.toContain('services:');
  });

  it('builds the Dockerfile beside it', () => {
    expect(value('build')).toBe('..');
  });

  it.each([
    ['read_only', 'true'],
    ['cap_drop', '[ALL]'],
    ['security_opt', "['no-new-privileges:true']"],
    // As process 1 Node would not hear a SIGTERM before it listens to it.
    ['init', 'true'],
  ])('runs with %s: %s', (key, expected) => {
    expect(value(key)).toBe(expected);
  });

  it('leaves more time to stop than draining takes', () => {
    expect(value('stop_grace_period')).toMatch(/^\d+s$/);
    expect(parseInt(value('stop_grace_period'))).toBeGreaterThan(new Settings().DRAIN_SECONDS);
    expect(compose).not.toContain('DRAIN_SECONDS:');
  });

  it('sets only settings that there are, to values that they take', () => {
    const [, block = ''] = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(compose) ?? [];
    const environment = Object.fromEntries(
      [...block.matchAll(/^ {6}(\w+): (.*)$/gm)].map(([, name = '', text = '']) => [
        name,
        text.replace(/^\$\{\w+:-(.*)\}$/, '$1').replace(/^'(.*)'$/, '$1'),
      ]),
    );
    expect(Object.keys(new Settings())).toEqual(expect.arrayContaining(Object.keys(environment)));
    expect(String(Settings.from(environment).MANAGEMENT_PORT)).toBe(environment.MANAGEMENT_PORT);
  });

  it('publishes the management port to the machine itself only', () => {
    const published = [...compose.matchAll(/^ +- '([\d.:]+)'$/gm)].map(([, port]) => port);
    const port = value('MANAGEMENT_PORT').replaceAll("'", '');
    expect(published).toEqual(['3000:3000', `127.0.0.1:${port}:${port}`]);
  });

  function value(key: string): string {
    return new RegExp(`^ +${key}: (.*)$`, 'm').exec(compose)?.[1] ?? '';
  }
});

function read(file: string): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
}

/** The instructions, each on one line and without comments. */
function instructions(): string[] {
  return read('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean);
}

/** What stands behind every instruction of a kind. */
function all(kind: string): string[] {
  return instructions()
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => line.slice(kind.length + 1));
}

function runtime(): string[] {
  const lines = instructions();
  return lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
}

function ignored(): string[] {
  return read('.dockerignore').split('\n').filter(Boolean);
}

function letIn(): string[] {
  return ignored()
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
}

/** Runs what the image would run, and resolves with its exit code. */
async function healthcheck(environment: Record<string, string>): Promise<number> {
  const [check = ''] = all('HEALTHCHECK');
  const [, command = '[]'] = /CMD (\[.*\])$/.exec(check) ?? [];
  const [node, ...args] = JSON.parse(command) as string[];
  expect(node).toBe('node');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: environment });
    child.on('exit', (code) => resolve(code ?? -1));
  });
}
