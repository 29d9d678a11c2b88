import type { AckRequest } from '../delivery/ack-request.js';

export interface Message {
  readonly event: unknown;
  readonly payload: unknown;
  readonly request: AckRequest | undefined;
}

/** More than a peer may send at once; without a bound one could send while it makes us wait. */
export const INBOX_MAX_MESSAGES = 256;

/**
 * The messages of one connection, one at a time and in the order sent: at once, unless one before is
 * still being handled.
 */
export class Inbox {
  private waiting: Message[] | undefined;

  constructor(
    private readonly handle: (message: Message) => void | Promise<void>,
    private readonly overflow: (message: Message) => void,
  ) {}

  take(message: Message): void {
    if (this.waiting !== undefined) {
      if (this.waiting.length < INBOX_MAX_MESSAGES) this.waiting.push(message);
      else this.overflow(message);
      return;
    }
    const unfinished = this.handle(message);
    if (unfinished === undefined) return;
    this.waiting = [];
    void this.goOnAfter(unfinished);
  }

  private async goOnAfter(unfinished: Promise<void>): Promise<void> {
    await unfinished;
    for (let next = this.waiting?.shift(); next !== undefined; next = this.waiting?.shift()) {
      await this.handle(next);
    }
    this.waiting = undefined;
  }
}
