import { Injectable } from '@nestjs/common';

/** Time as the calls see it; tests advance one of their own by hand. */
@Injectable()
export class Clock {
  /** Milliseconds since some moment; never goes back. */
  nowMs(): number {
    return performance.now();
  }

  date(): Date {
    return new Date();
  }

  /** @returns what cancels it */
  after(delayMs: number, act: () => void): () => void {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  }
}
