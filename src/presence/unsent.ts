import type { PeerMessenger } from '../delivery/peer-messenger.js';
import { LIST_UNSENT_MAX_MS } from '../protocol/limits.js';

const SWEEP_MS = 1_000;

/**
 * Which clients have a list that has not left this process yet. One each is not counted against
 * their backlog, since it may be larger than that; a client that does not read it is cut off.
 */
export class Unsent {
  private readonly since = new Map<string, number>();
  private sweep: NodeJS.Timeout | undefined;

  constructor(private readonly messenger: PeerMessenger) {}

  has(socketId: string): boolean {
    return this.since.has(socketId);
  }

  add(socketId: string): void {
    this.since.set(socketId, performance.now());
    this.sweep ??= setTimeout(() => this.cutOffUnread(), SWEEP_MS);
  }

  delete(socketId: string): void {
    this.since.delete(socketId);
  }

  close(): void {
    clearTimeout(this.sweep);
  }

  private cutOffUnread(): void {
    this.sweep = undefined;
    const tooOld = performance.now() - LIST_UNSENT_MAX_MS;
    for (const [socketId, since] of this.since) {
      if (since < tooOld) this.messenger.cutOff(socketId);
    }
    if (this.since.size > 0) this.sweep = setTimeout(() => this.cutOffUnread(), SWEEP_MS);
  }
}
