import { TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  const budget = { perSecond: 2, burst: 3 };

  it('gives its burst at once, then says how long to wait', () => {
    const bucket = new TokenBucket(budget, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0]);
    expect(bucket.take(0)).toBe(500);
    expect(bucket.take(400)).toBe(100);
    expect(bucket.take(500)).toBe(0);
  });

  it('gives several at once, or none of them', () => {
    const bucket = new TokenBucket(budget, 0);
    expect([bucket.take(0, 2), bucket.take(0, 2), bucket.take(0, 1)]).toEqual([0, 500, 0]);
  });

  it('refills no further than its burst', () => {
    const bucket = new TokenBucket(budget, 0);
    bucket.take(0);
    expect(bucket.isFull(100)).toBe(false);
    expect(bucket.isFull(500)).toBe(true);
    const later = 60_000;
    expect([1, 2, 3, 4].map(() => bucket.take(later))).toEqual([0, 0, 0, 500]);
  });

  it('takes credit above its burst, up to a bound, and keeps it while time passes', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
    const left = (nowMs: number): number => {
      let count = 0;
      while (bucket.take(nowMs) === 0) count += 1;
      return count;
    };
    bucket.credit(4, 10, 0);
    expect(left(60_000)).toBe(3 + 4);
    for (let i = 0; i < 4; i += 1) bucket.credit(4, 10, 60_000);
    expect(left(60_000)).toBe(3 + 10);
  });

  it('can owe, for no longer than its burst takes to come back twice', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
    bucket.owe(1, 0);
    expect([bucket.take(0), bucket.take(0)]).toEqual([0, 0]);
    expect(bucket.secondsToFull(0)).toBe(1.5);
    bucket.owe(1_000, 0);
    expect(bucket.take(0)).toBe(2_000);
    expect(bucket.secondsToFull(0)).toBe(3);
    expect(bucket.take(2_000)).toBe(0);
  });
});
