import type { Socket } from 'node:net';
import { REQUESTS_MAX_UNANSWERED } from '../protocol/limits.js';

/** How long a message may wait because requests of sessions are handled. */
const SLICE_MS = 2;

interface Waiting {
  readonly socket: Socket;
  readonly handle: () => void;
}

/**
 * Has HTTP requests handled a few in a turn of the event loop, so that no message waits for a pile
 * of them: a segment of 64 KiB holds two thousand. Those of sessions come first, and of the others
 * there is one in a turn.
 */
export class RequestQueue {
  private readonly ofSessions: Waiting[] = [];
  private readonly others: Waiting[] = [];
  private readonly unanswered = new WeakMap<Socket, number>();
  private isTurnDue = false;

  /** False if its connection has asked for too much before it was answered: that is cut off. */
  count(socket: Socket): boolean {
    if (socket.destroyed) return false;
    const unanswered = (this.unanswered.get(socket) ?? 0) + 1;
    this.unanswered.set(socket, unanswered);
    if (unanswered > REQUESTS_MAX_UNANSWERED) socket.destroy();
    return !socket.destroyed;
  }

  add(socket: Socket, isOfSession: boolean, handle: () => void): void {
    (isOfSession ? this.ofSessions : this.others).push({ socket, handle });
    this.takeTurn();
  }

  answered(socket: Socket): void {
    this.unanswered.set(socket, (this.unanswered.get(socket) ?? 1) - 1);
  }

  private takeTurn(): void {
    if (this.isTurnDue) return;
    this.isTurnDue = true;
    setImmediate(() => {
      this.isTurnDue = false;
      const sliceEndMs = performance.now() + SLICE_MS;
      while (handleNext(this.ofSessions) && performance.now() < sliceEndMs);
      handleNext(this.others);
      if (this.ofSessions.length > 0 || this.others.length > 0) this.takeTurn();
    });
  }
}

/** Those whose clients are gone already take nobody's turn. False if there was none to handle. */
function handleNext(waiting: Waiting[]): boolean {
  let next = waiting.shift();
  while (next?.socket.destroyed) next = waiting.shift();
  next?.handle();
  return next !== undefined;
}
