import { FRAMES_BUDGET } from './budgets.js';
import { TokenBucket } from './token-bucket.js';

/** Of one session, on all its transports. Once it is used up, it stays so. */
export class FrameBudget {
  private readonly bucket = new TokenBucket(FRAMES_BUDGET, performance.now());
  private isUsedUp = false;

  constructor(
    private readonly isLimited: boolean,
    private readonly journal: { cutOff(): void },
  ) {}

  charge(units: number): boolean {
    if (!this.isLimited) return true;
    if (!this.isUsedUp && this.bucket.take(performance.now(), units) > 0) {
      this.isUsedUp = true;
      this.journal.cutOff();
    }
    return !this.isUsedUp;
  }

  /** How long it would have to wait for all that it has spent. */
  secondsSpent(): number {
    return this.bucket.secondsToFull(performance.now());
  }
}
