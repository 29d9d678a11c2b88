import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { inSlices } from '../delivery/in-slices.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import {
  LIST_BYTES_PER_SECOND,
  LIST_INTERVAL_MAX_MS,
  LIST_INTERVAL_MS,
  UNREAD_WHEN_SHORT_MAX_MS,
} from '../protocol/limits.js';
import type { OnlineUsers } from './online-users.js';

/**
 * Answers `getOnlineUsers`. Pages ask again on every hint, so the answers cost N clients × N names
 * each time somebody arrives. Therefore a client gets at most one list per interval, however often
 * it asks; all share one encoded list; and one list at most waits unsent for a client.
 *
 * A list is taken when it is written, never before: it shows everything handled before it was asked
 * for, and it cannot bring back a peer whose `userDisconnected` went out meanwhile.
 */
@Injectable()
export class ListAnswers implements OnApplicationShutdown {
  private readonly asking = new Map<string, OnlineUsers>();
  private readonly answeredAt = new Map<string, number>();
  private readonly unsent = new Set<string>();
  private round: NodeJS.Timeout | undefined;
  private roundAtMs = Infinity;
  private inRound = false;
  private shortSinceMs: number | undefined;

  constructor(private readonly messenger: PeerMessenger) {}

  ask(socketId: string, users: OnlineUsers): void {
    this.asking.set(socketId, users);
    const earliestMs = (this.answeredAt.get(socketId) ?? -Infinity) + LIST_INTERVAL_MS;
    this.startRound(Math.max(performance.now(), earliestMs));
  }

  forget(socketId: string): void {
    this.asking.delete(socketId);
    this.answeredAt.delete(socketId);
    this.unsent.delete(socketId);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.round);
  }

  private startRound(atMs: number): void {
    if (atMs >= this.roundAtMs) return;
    this.roundAtMs = atMs;
    if (this.inRound) return; // its end starts the next
    clearTimeout(this.round);
    const delayMs = Math.max(0, atMs - performance.now());
    this.round = setTimeout(() => void this.answerAll(), delayMs);
  }

  private async answerAll(): Promise<void> {
    this.inRound = true;
    this.roundAtMs = Infinity;
    const intervalMs = this.intervalMs();
    await inSlices(this.asking, ([socketId, users]) => {
      if (this.unsent.has(socketId)) return; // asks again once its list has left
      const dueMs = (this.answeredAt.get(socketId) ?? -Infinity) + intervalMs;
      if (dueMs > performance.now()) this.startRound(dueMs);
      else if (this.mustWait()) this.startRound(performance.now() + LIST_INTERVAL_MS);
      else this.answer(socketId, users);
    });
    this.inRound = false;
    const nextMs = this.roundAtMs;
    this.roundAtMs = Infinity;
    this.startRound(nextMs);
  }

  /**
   * While the node is short of room for what is unsent; but for no longer than it takes to cut off
   * those who do not read, since those who read little could keep everybody waiting.
   */
  private mustWait(): boolean {
    if (!this.messenger.isShortOfRoom) this.shortSinceMs = undefined;
    else this.shortSinceMs ??= performance.now();
    const { shortSinceMs = -Infinity } = this;
    return performance.now() - shortSinceMs < UNREAD_WHEN_SHORT_MAX_MS;
  }

  /** Lists to everybody who is asking must fit the byte budget; they wait longer if they do not. */
  private intervalMs(): number {
    let bytes = 0;
    for (const users of this.asking.values()) bytes += users.asEvent().bytes.length;
    const fittingMs = (bytes * 1_000) / LIST_BYTES_PER_SECOND;
    return Math.min(Math.max(fittingMs, LIST_INTERVAL_MS), LIST_INTERVAL_MAX_MS);
  }

  private answer(socketId: string, users: OnlineUsers): void {
    this.asking.delete(socketId);
    this.answeredAt.set(socketId, performance.now());
    this.unsent.add(socketId);
    this.messenger.sendShared(socketId, users.asEvent(), () => {
      this.unsent.delete(socketId);
      if (this.asking.has(socketId)) this.startRound(performance.now());
    });
  }
}
