import type { ManagerOptions, SocketOptions } from 'socket.io-client';
import { eventually } from './eventually.js';
import { Peer } from './peer.js';

export interface Outcome {
  /** Who the server says it is, once it is let in. */
  userId?: string;
  /** What it was told when it was refused for good. */
  refusal?: { code: string; message: string };
}

/** A stock client of protocol 2 that comes with a token, and what becomes of it. */
export class Newcomer {
  readonly outcome: Outcome = {};
  /** How often it tried again by itself. */
  retries = 0;

  private constructor(readonly peer: Peer) {
    const { socket } = peer;
    socket.on('welcome', ({ userId }) => (this.outcome.userId = userId));
    socket.on('connect_error', (error) => {
      // Without data it is the transport that failed.
      const { data } = error as { data?: Outcome['refusal'] };
      if (data !== undefined) this.outcome.refusal = data;
    });
    socket.io.on('reconnect_attempt', () => (this.retries += 1));
  }

  static comes(
    url: string,
    token: unknown,
    options: Partial<ManagerOptions & SocketOptions> = {},
  ): Newcomer {
    const auth = { protocol: 2, token };
    const patience = { reconnectionDelay: 100, reconnectionDelayMax: 200 };
    return new Newcomer(Peer.connecting(url, { auth, ...patience, ...options }));
  }

  /** Comes, waits for the outcome, and leaves. */
  static async tries(...args: Parameters<typeof Newcomer.comes>): Promise<Outcome> {
    const newcomer = Newcomer.comes(...args);
    try {
      return await newcomer.settled();
    } finally {
      await newcomer.peer.close();
    }
  }

  /** Once it is in, or was refused for good. */
  async settled(withinMs?: number): Promise<Outcome> {
    await eventually(() => {
      if (Object.keys(this.outcome).length === 0) throw new Error('neither let in nor refused');
    }, withinMs);
    return this.outcome;
  }
}
