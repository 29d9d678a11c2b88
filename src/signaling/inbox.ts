import type { AckRequest } from '../delivery/ack-request.js';

export interface Message {
  readonly event: unknown;
  readonly payload: unknown;
  readonly request: AckRequest | undefined;
}

/**
 * The messages of one connection, one at a time and in the order sent: at once, unless one before is
 * still being handled.
 */
export class Inbox {
  private waiting: Message[] | undefined;

  constructor(private readonly handle: (message: Message) => void | Promise<void>) {}

  take(message: Message): void {
    if (this.waiting !== undefined) {
      this.waiting.push(message);
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
