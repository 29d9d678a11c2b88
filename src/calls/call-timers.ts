import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Subject } from 'rxjs';
import { Settings } from '../config/settings.js';
import { CALL_MAX_AGE_MS } from '../protocol/limits.js';
import type { Call } from './call.js';
import { Clock } from './clock.js';

export type Deadline = 'ring' | 'connect' | 'age';

/**
 * When calls run out of time. All deadlines of a kind are equally far away when they are set, so
 * each kind is a queue in order of its own, and one timer, for the soonest of the three heads, is
 * enough for any number of calls. Without calls there is none.
 */
@Injectable()
export class CallTimers implements OnApplicationShutdown {
  readonly due = new Subject<{ call: Call; deadline: Deadline }>();
  private readonly queues: Record<Deadline, Map<Call, number>> = {
    ring: new Map(),
    connect: new Map(),
    age: new Map(),
  };
  private readonly durationsMs: Record<Deadline, number>;
  private wakeUpMs = Infinity;
  private cancelWakeUp: () => void = () => undefined;

  constructor(
    settings: Settings,
    private readonly clock: Clock,
  ) {
    this.durationsMs = {
      ring: settings.RING_TIMEOUT_SECONDS * 1_000,
      connect: settings.CONNECT_TIMEOUT_SECONDS * 1_000,
      age: CALL_MAX_AGE_MS,
    };
  }

  start(call: Call, deadline: Deadline): void {
    this.queues[deadline].set(call, this.clock.nowMs() + this.durationsMs[deadline]);
    this.arm();
  }

  stop(call: Call, deadline: Deadline): void {
    this.queues[deadline].delete(call);
  }

  /** The last call takes the timer with it: an idle server does no work. */
  stopAll(call: Call): void {
    for (const queue of Object.values(this.queues)) queue.delete(call);
    if (this.queues.age.size === 0) this.arm();
  }

  /** Time until the call ends by itself if nothing happens; never negative. */
  leftMs(call: Call): number {
    const { ring, connect, age } = this.queues;
    const due = ring.get(call) ?? connect.get(call) ?? age.get(call) ?? 0;
    return Math.max(0, Math.round(due - this.clock.nowMs()));
  }

  onApplicationShutdown(): void {
    this.cancelWakeUp();
  }

  private arm(): void {
    const soonestMs = Math.min(...this.heads().map(({ dueMs }) => dueMs));
    // A timer that rings too early finds nothing due and is set anew: cheaper than moving it.
    if (soonestMs >= this.wakeUpMs && soonestMs < Infinity) return;
    this.cancelWakeUp();
    this.wakeUpMs = soonestMs;
    if (soonestMs === Infinity) return;
    this.cancelWakeUp = this.clock.after(Math.max(0, soonestMs - this.clock.nowMs()), () =>
      this.ring(),
    );
  }

  private ring(): void {
    this.wakeUpMs = Infinity;
    for (;;) {
      const due = this.heads().find(({ dueMs }) => dueMs <= this.clock.nowMs());
      if (due === undefined) return this.arm();
      this.queues[due.deadline].delete(due.call);
      this.due.next(due);
    }
  }

  private heads(): { call: Call; deadline: Deadline; dueMs: number }[] {
    return Object.entries(this.queues).flatMap(([deadline, queue]) => {
      const [head] = queue;
      return head === undefined
        ? []
        : [{ call: head[0], deadline: deadline as Deadline, dueMs: head[1] }];
    });
  }
}
