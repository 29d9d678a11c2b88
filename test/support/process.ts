import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How the built service is started. `prestart` is skipped: what it builds, `ensureBuilt` sees to. */
export const NODE = ['node', 'dist/main.js'] as const;
export const NPM_START = ['npm', 'start', '--ignore-scripts'] as const;

const START_MS = 60_000;
const EXIT_MS = 30_000;

interface LogLine {
  level: string;
  pid: number;
  message: string;
  context: string;
}

/** Something to be read here, or a file that is open already. */
type Output = 'pipe' | number;

/** The service in processes of its own, as its users run it. */
export class ServiceProcess {
  stdout = '';
  stderr = '';
  private readonly closed: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.closed = once(child, 'close');
  }

  static start(
    environment: Record<string, string>,
    [command, ...args]: readonly [string, ...string[]] = NODE,
    [out, err]: readonly [Output, Output] = ['pipe', 'pipe'],
    cwd = ROOT,
  ): ServiceProcess {
    // Nothing of the developer's own environment but what is needed to find the programs. A process
    // group of its own, so that whatever the command starts can be signalled and ended with it.
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(command, args, {
      cwd,
      env: { PATH, HOME, HOST: '127.0.0.1', ...environment },
      stdio: ['ignore', out, err],
      detached: true,
    });
    return new ServiceProcess(child);
  }

  /** Where the service says, in its log, that it listens. */
  async listening(): Promise<string> {
    let url = '';
    await eventually(() => {
      const line = this.logLines().find(({ message }) => message.startsWith('listening on '));
      if (line === undefined) throw new Error(`not listening: ${this.stdout}${this.stderr}`);
      url = line.message.slice('listening on '.length);
    }, START_MS);
    return url;
  }

  /** As a reader that is gone, whatever it was. */
  stopReading(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  logLines(): LogLine[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** To the process that was started, as a container runtime does. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** To it and all that it started, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** The exit code, once nothing that it started is left to hold its output open. */
  async exitCode(): Promise<number | null> {
    await within(EXIT_MS, this.closed, 'the process is still there');
    return this.child.exitCode;
  }

  /** For `afterEach`: ends whatever is left of it. */
  async kill(): Promise<void> {
    this.signalGroup('SIGKILL');
    await within(EXIT_MS, this.closed, 'the process survived SIGKILL');
  }
}

/** `npm test` builds first; a test file run alone may find nothing built. */
export async function ensureBuilt(): Promise<void> {
  if (existsSync(join(ROOT, 'dist/main.js'))) return;
  // Built aside and moved, so that another test file that does the same never sees half of it.
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(join(cache, 'dist-'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const built = join(aside, 'dist');
  const build = spawn(
    'node',
    [tsc, '-p', 'tsconfig.build.json', '--outDir', built, '--sourceMap', 'false'],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const [code] = (await once(build, 'close')) as [number | null];
  if (code !== 0) throw new Error('the build failed');
  await cp(join(ROOT, 'src/demo/public'), join(built, 'demo/public'), { recursive: true });
  await rename(built, join(ROOT, 'dist')).catch(() => undefined); // somebody else was first
  await rm(aside, { recursive: true });
}

/**
 * A free port below the range from which the system takes the ports of outgoing connections: a
 * client that dials a stopped server again and again could otherwise happen to reach itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return port;
    } catch {
      // taken
    } finally {
      server.close();
    }
  }
}

async function within<T>(ms: number, promise: Promise<T>, problem: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(problem)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
