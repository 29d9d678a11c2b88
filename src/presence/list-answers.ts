import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { inSlices } from '../delivery/in-slices.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import {
  LIST_BYTES_PER_SECOND,
  LIST_INTERVAL_MAX_MS,
  LIST_INTERVAL_MS,
  LIST_UNSENT_MAX_MS,
} from '../protocol/limits.js';
import { OnlineUsers } from './online-users.js';

const SWEEP_MS = 1_000;

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
  private readonly asking = new Set<string>();
  private readonly answeredAt = new Map<string, number>();
  private readonly unsentSince = new Map<string, number>();
  private round: NodeJS.Timeout | undefined;
  private roundAtMs = Infinity;
  private inRound = false;
  private sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly users: OnlineUsers,
    private readonly messenger: PeerMessenger,
  ) {}

  ask(socketId: string): void {
    this.asking.add(socketId);
    const earliestMs = (this.answeredAt.get(socketId) ?? -Infinity) + LIST_INTERVAL_MS;
    this.startRound(Math.max(performance.now(), earliestMs));
  }

  forget(socketId: string): void {
    this.asking.delete(socketId);
    this.answeredAt.delete(socketId);
    this.unsentSince.delete(socketId);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.round);
    clearTimeout(this.sweep);
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
    await inSlices(this.asking, (socketId) => {
      if (this.unsentSince.has(socketId)) return; // asks again once its list has left
      const dueMs = (this.answeredAt.get(socketId) ?? -Infinity) + intervalMs;
      if (dueMs > performance.now()) this.startRound(dueMs);
      else this.answer(socketId);
    });
    this.inRound = false;
    const nextMs = this.roundAtMs;
    this.roundAtMs = Infinity;
    this.startRound(nextMs);
  }

  /** Lists to everybody who is asking must fit the byte budget; they wait longer if they do not. */
  private intervalMs(): number {
    const bytes = this.asking.size * this.users.asEvent().length;
    const fittingMs = (bytes * 1_000) / LIST_BYTES_PER_SECOND;
    return Math.min(Math.max(fittingMs, LIST_INTERVAL_MS), LIST_INTERVAL_MAX_MS);
  }

  private answer(socketId: string): void {
    const now = performance.now();
    this.asking.delete(socketId);
    this.answeredAt.set(socketId, now);
    this.unsentSince.set(socketId, now);
    this.sweep ??= setTimeout(() => this.cutOffUnread(), SWEEP_MS);
    this.messenger.sendShared(socketId, this.users.asEvent(), () => {
      this.unsentSince.delete(socketId);
      if (this.asking.has(socketId)) this.startRound(performance.now());
    });
  }

  private cutOffUnread(): void {
    this.sweep = undefined;
    const tooOld = performance.now() - LIST_UNSENT_MAX_MS;
    for (const [socketId, since] of this.unsentSince) {
      if (since < tooOld) this.messenger.cutOff(socketId);
    }
    if (this.unsentSince.size > 0) {
      this.sweep = setTimeout(() => this.cutOffUnread(), SWEEP_MS);
    }
  }
}
