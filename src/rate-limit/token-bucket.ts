export interface Budget {
  readonly perSecond: number;
  readonly burst: number;
}

/** Full at first; refills with time, up to its burst. Synchronous, and a few words of memory. */
export class TokenBucket {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    private readonly budget: Budget,
    nowMs: number,
  ) {
    this.tokens = budget.burst;
    this.filledAtMs = nowMs;
  }

  /** Adds what time does not bring, to at most so many above the burst. */
  credit(count: number, maxAboveBurst: number, nowMs: number): void {
    this.take(nowMs, 0);
    this.tokens = Math.min(this.budget.burst + maxAboveBurst, this.tokens + count);
  }

  /** @returns 0 when the tokens were taken, else the milliseconds until there are so many */
  take(nowMs: number, count = 1): number {
    const { perSecond, burst } = this.budget;
    const refilled = this.tokens + ((nowMs - this.filledAtMs) / 1_000) * perSecond;
    this.tokens = Math.max(this.tokens, Math.min(burst, refilled));
    this.filledAtMs = nowMs;
    if (this.tokens < count) return Math.ceil(((count - this.tokens) / perSecond) * 1_000);
    this.tokens -= count;
    return 0;
  }

  /** Takes what there may not be: the time that it takes to come back is added to everybody's wait. */
  owe(count: number, nowMs: number): void {
    this.take(nowMs, 0);
    this.tokens = Math.max(-this.budget.burst, this.tokens - count);
  }

  /** Seconds until it is full. */
  secondsToFull(nowMs: number): number {
    this.take(nowMs, 0);
    return Math.max(0, (this.budget.burst - this.tokens) / this.budget.perSecond);
  }

  /** Whether this bucket has forgotten everything, and may be forgotten itself. */
  isFull(nowMs: number): boolean {
    const { perSecond, burst } = this.budget;
    return this.tokens + ((nowMs - this.filledAtMs) / 1_000) * perSecond >= burst;
  }
}
