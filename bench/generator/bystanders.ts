import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ContestantName } from '../contestants.js';
import { GENERATOR_WAS_THE_LIMIT, type Reading } from '../measure/reading.js';
import type { ServerProcess } from '../measure/server-process.js';

export interface Start {
  readonly name: ContestantName;
  readonly port: number;
}

export interface Report {
  /** From sending to delivery, of the message that took longest. */
  readonly longestMs: number;
  /** How late the bystanders themselves were, at worst. */
  readonly latestMs: number;
}

/** Whoever waits less need not ask who was to blame. */
const NOTICEABLE_MS = 20;

/**
 * Pairs who have nothing to do with what goes on beside them, and send each other candidates as
 * pages do. In a thread of their own: how busy the rest of the generator is does not show.
 */
export class Bystanders {
  private constructor(private readonly thread: Worker) {}

  static async join(server: ServerProcess): Promise<Bystanders> {
    const start: Start = { name: server.name, port: server.port };
    const thread = new Worker(new URL('./bystanders-thread.js', import.meta.url), {
      workerData: start,
    });
    thread.on('error', (error) => server.fail(error));
    await once(thread, 'message');
    return new Bystanders(thread);
  }

  /** The longest that one of them waits for a message while that happens. */
  async longestWaitDuring(happening: () => Promise<void>): Promise<Reading> {
    await this.answerTo('begin');
    await happening();
    const { longestMs, latestMs } = (await this.answerTo('end')) as Report;
    if (longestMs > NOTICEABLE_MS && latestMs > longestMs / 2) return GENERATOR_WAS_THE_LIMIT;
    return { value: longestMs };
  }

  leave(): Promise<number> {
    return this.thread.terminate();
  }

  private async answerTo(word: 'begin' | 'end'): Promise<unknown> {
    this.thread.postMessage(word);
    const [answer] = (await once(this.thread, 'message')) as unknown[];
    return answer;
  }
}
