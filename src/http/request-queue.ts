import type { Socket } from 'node:net';

/** Asked for on one connection before any of them is answered: no client of ours asks for two. */
const MAX_UNANSWERED = 8;

interface Waiting {
  readonly socket: Socket;
  readonly handle: () => void;
}

/**
 * Has HTTP requests handled one in a turn of the event loop, so that a message waits for one of them
 * at most. A segment of 64 KiB holds two thousand.
 */
export class RequestQueue {
  private readonly waiting: Waiting[] = [];
  private readonly unanswered = new WeakMap<Socket, number>();

  /** Neither handled nor answered if its connection has asked for too much: that is cut off. */
  add(socket: Socket, handle: () => void): void {
    if (socket.destroyed) return;
    const unanswered = (this.unanswered.get(socket) ?? 0) + 1;
    if (unanswered > MAX_UNANSWERED) {
      socket.destroy();
      return;
    }
    this.unanswered.set(socket, unanswered);
    this.waiting.push({ socket, handle });
    if (this.waiting.length === 1) setImmediate(() => this.handleOne());
  }

  answered(socket: Socket): void {
    this.unanswered.set(socket, (this.unanswered.get(socket) ?? 1) - 1);
  }

  /** Those whose clients are gone already take nobody's turn. */
  private handleOne(): void {
    const next = this.waiting.findIndex(({ socket }) => !socket.destroyed);
    const [request] = this.waiting.splice(0, next < 0 ? this.waiting.length : next + 1).slice(-1);
    if (next >= 0) request?.handle();
    if (this.waiting.length > 0) setImmediate(() => this.handleOne());
  }
}
