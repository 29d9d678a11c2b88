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
});
