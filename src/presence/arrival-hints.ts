import { HINT_INTERVAL_MS } from '../protocol/limits.js';
import type { Announcements } from './announcements.js';

/**
 * `userConnected` only tells clients to ask for the list again, so one hint serves all who arrive
 * within an interval: without that, N arrivals cost N² messages, each answered by a list of size N.
 */
export class ArrivalHints {
  private readonly arrivals = new Set<string>();
  private pause: NodeJS.Timeout | undefined;

  constructor(private readonly announcements: Announcements) {}

  arrived(socketId: string): void {
    this.arrivals.add(socketId);
    if (this.pause === undefined) this.announce();
  }

  forget(socketId: string): void {
    this.arrivals.delete(socketId);
  }

  close(): void {
    clearTimeout(this.pause);
  }

  private announce(): void {
    // A newcomer need not hear of itself, but must hear of those who came with it.
    const [first] = this.arrivals;
    this.announcements.announce('userConnected', [], this.arrivals.size === 1 ? first : undefined);
    this.arrivals.clear();
    this.pause = setTimeout(() => {
      this.pause = undefined;
      if (this.arrivals.size > 0) this.announce();
    }, HINT_INTERVAL_MS);
  }
}
