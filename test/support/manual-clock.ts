import { Clock } from '../../src/calls/clock.js';

/** A clock that stands still until a test advances it. */
export class ManualClock extends Clock {
  private currentMs = 0;
  private readonly waiting = new Set<{ dueMs: number; act: () => void }>();

  /** How many timers are set. */
  get pending(): number {
    return this.waiting.size;
  }

  override nowMs(): number {
    return this.currentMs;
  }

  override after(delayMs: number, act: () => void): () => void {
    const timer = { dueMs: this.currentMs + delayMs, act };
    this.waiting.add(timer);
    return () => this.waiting.delete(timer);
  }

  advance(byMs: number): void {
    const untilMs = this.currentMs + byMs;
    for (;;) {
      const [next] = [...this.waiting].sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined || next.dueMs > untilMs) break;
      this.waiting.delete(next);
      this.currentMs = next.dueMs;
      next.act();
    }
    this.currentMs = untilMs;
  }
}
