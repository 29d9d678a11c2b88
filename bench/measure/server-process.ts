import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CONTESTANTS, type Contestant, type ContestantName } from '../contestants.js';
import type { Peer, Target } from '../generator/peer.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const START_MS = 20_000;
const POLL_MS = 50;
const LINES_OF_LOG = 12;

const running = new Set<ServerProcess>();
process.on('exit', () => running.forEach((server) => server.kill()));

/** A server under test, in a process of its own. What it logs goes to a file, as in production. */
export class ServerProcess implements Target {
  readonly fail: (error: Error) => void;
  private readonly failure: Promise<never>;
  private readonly directory = mkdtempSync(join(tmpdir(), 'bench-'));
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  private constructor(
    readonly name: ContestantName,
    readonly port: number,
    environment: Record<string, string>,
    core: number | undefined,
  ) {
    const { promise, reject } = failing();
    this.failure = promise;
    this.fail = reject;
    const { program, environment: own }: Contestant = CONTESTANTS[name];
    const node = [process.execPath, program];
    const [command = '', ...args] =
      core === undefined ? node : ['taskset', '--cpu-list', `${core}`, ...node];
    const log = openSync(this.logFile, 'w');
    const { PATH = '' } = process.env;
    this.child = spawn(command, args, {
      cwd: ROOT,
      env: { PATH, HOST: '127.0.0.1', PORT: `${port}`, ...own, ...environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    running.add(this);
    this.exited = once(this.child, 'exit').then(
      ([code, signal]: unknown[]) => this.onExit(signal ?? code),
      (error: unknown) => this.fail(error as Error),
    );
  }

  static async start(
    name: ContestantName,
    environment: Record<string, string>,
    core: number | undefined,
  ): Promise<ServerProcess> {
    const server = new ServerProcess(name, await freePort(), environment, core);
    try {
      await server.orFails(server.listening());
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** A client of this server, about to connect. */
  readonly client = (): Peer => CONTESTANTS[this.name].connect(this);

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} has not started`);
    return this.child.pid;
  }

  /** What is done with this server, or how it has failed its clients meanwhile. */
  orFails<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failure]);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    this.kill();
  }

  /** At once, and with what it has logged. */
  kill(): void {
    this.child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get logFile(): string {
    return join(this.directory, 'log');
  }

  private async listening(): Promise<void> {
    const deadlineMs = performance.now() + START_MS;
    while (!(await accepts(this.port))) {
      if (performance.now() > deadlineMs) throw new Error(`${this.name} does not listen`);
      await setTimeout(POLL_MS);
    }
  }

  private onExit(reason: unknown): void {
    running.delete(this);
    const log = readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-LINES_OF_LOG);
    this.fail(new Error(`${this.name} exited with ${String(reason)}: ${log.join('\n')}`));
  }
}

/** For whom nobody need wait. */
function failing(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, no) => (reject = no));
  promise.catch(() => undefined);
  return { promise, reject };
}

/** Below the range from which the connections of the generator get theirs. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    if (!(await accepts(port))) return port;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
