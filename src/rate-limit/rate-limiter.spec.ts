import { jest } from '@jest/globals';
import { Settings } from '../config/settings.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { RateLimiter } from './rate-limiter.js';

describe('RateLimiter', () => {
  let limiter: RateLimiter;
  const spend = (id: string, event: string, times: number, payload?: unknown) =>
    Array.from({ length: times }, () => {
      try {
        limiter.spend(id, event, payload);
        return 0;
      } catch (error) {
        return (error as SignalingError).retryAfterMs ?? NaN;
      }
    });
  const refused = (results: number[]) => results.filter((ms) => ms > 0).length;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    limiter = new RateLimiter(Settings.from({}));
    limiter.join('ana', { address: '192.0.2.1' });
  });
  afterEach(() => jest.useRealTimers());

  it.each([
    ['candidate', 120],
    ['offer', 20],
    ['answer', 20],
    ['call', 12],
    ['register', 10],
    ['getOnlineUsers', 320],
    ['endCall', 40],
    ['no such event', 40],
    ['constructor', 40],
  ])('lets %s pass %i times at once', (event, burst) => {
    expect(refused(spend('ana', event, burst))).toBe(0);
    expect(refused(spend('ana', event, 5))).toBe(5);
  });

  it('counts offers and answers together, and kinds apart', () => {
    spend('ana', 'offer', 20);
    expect(refused(spend('ana', 'answer', 1))).toBe(1);
    expect(refused(spend('ana', 'candidate', 60))).toBe(0);
  });

  it('gives 400 more candidates for a description, four times and then every ten seconds', () => {
    spend('ana', 'offer', 1);
    expect(refused(spend('ana', 'candidate', 521))).toBe(1);
    spend('ana', 'answer', 10);
    expect(refused(spend('ana', 'candidate', 2_000))).toBe(2_000 - 3 * 400);
    spend('ana', 'offer', 1);
    expect(refused(spend('ana', 'candidate', 1))).toBe(1);
    jest.advanceTimersByTime(10_000);
    spend('ana', 'offer', 3);
    expect(refused(spend('ana', 'candidate', 1_000))).toBe(1_000 - 400 - 120);
  });

  it('says when there is budget again, and keeps to it', () => {
    const [retryAfterMs = NaN] = spend('ana', 'call', 13).slice(-1);
    expect(retryAfterMs).toBe(5_000);
    jest.advanceTimersByTime(retryAfterMs);
    expect(refused(spend('ana', 'call', 1))).toBe(0);
  });

  it('counts the bytes of descriptions and candidates together, over all devices of a user', () => {
    limiter.join('ana-1', { user: 'Ana' });
    limiter.join('ana-2', { user: 'Ana' });
    const largest = { sdp: { type: 'offer', sdp: 'x'.repeat(64 * 1024) } };
    expect(refused(spend('ana-1', 'offer', 19, largest))).toBe(0);
    const candidate = { candidate: { candidate: 'x'.repeat(4 * 1024) } };
    expect(refused(spend('ana-2', 'candidate', 17, candidate))).toBe(1);
    expect(spend('ana-1', 'candidate', 1, candidate)).toEqual([125]);
    jest.advanceTimersByTime(125);
    expect(refused(spend('ana-1', 'candidate', 1, candidate))).toBe(0);
  });

  it('lets the largest descriptions and hundreds of candidates of an honest call pass', () => {
    const sdp = 'x'.repeat(64 * 1024);
    expect(refused(spend('ana', 'offer', 8, { sdp }))).toBe(0);
    const candidate = { candidate: { candidate: 'x'.repeat(200) } };
    for (let second = 0; second < 30; second += 1) {
      expect(refused(spend('ana', 'candidate', 20, candidate))).toBe(0);
      jest.advanceTimersByTime(1_000);
    }
  });

  it('lets an office of 500 register and call at once', () => {
    for (let i = 0; i < 500; i++) {
      limiter.join(`peer ${i}`, { address: '192.0.2.1' });
      expect(refused(spend(`peer ${i}`, 'register', 1))).toBe(0);
      expect(refused(spend(`peer ${i}`, 'call', 1))).toBe(0);
    }
  });

  it('gives an address no more by opening connections', () => {
    let passed = 0;
    for (let i = 0; i < 2_000; i++) {
      limiter.join(`peer ${i}`, { address: '198.51.100.7' });
      passed += 12 - refused(spend(`peer ${i}`, 'call', 12));
    }
    expect(passed).toBe(1_000 + 12 * 20);
  });

  it('takes thousands of refusals for abuse, and a few for mistakes', () => {
    const abusive = Array.from({ length: 2_001 }, () => limiter.isAbusive('ana'));
    expect(abusive.indexOf(true)).toBe(2_000);
  });

  it('forgets who left, and addresses that have been quiet', () => {
    for (let i = 0; i < 30_000; i++) {
      limiter.join('churning', { address: `198.51.${i}` });
      spend('churning', 'call', 2);
      limiter.leave('churning');
      jest.advanceTimersByTime(100);
    }
    const { addresses, connections } = limiter as unknown as Record<string, Map<string, unknown>>;
    expect(connections?.size).toBe(1);
    expect(addresses?.size).toBeLessThan(1_000);
  });

  it('counts the devices of one user together, wherever they are', () => {
    limiter.join('ana-1', { user: 'Ana' });
    limiter.join('ana-2', { user: 'Ana' });
    limiter.join('ben-1', { user: 'Ben' });
    expect(refused(spend('ana-1', 'call', 12))).toBe(0);
    expect(refused(spend('ana-2', 'call', 1))).toBe(1);
    expect(refused(spend('ben-1', 'call', 12))).toBe(0);
  });

  it('gives a user no more for coming back', () => {
    for (let i = 0; i < 100; i++) {
      limiter.join('device', { user: 'Ana' });
      expect(refused(spend('device', 'call', 12))).toBe(i === 0 ? 0 : 12);
      limiter.leave('device');
    }
  });

  it('forgets users who are gone once they would have their full budget again, and nobody before', () => {
    const { users } = limiter as unknown as { users: Map<string, unknown> };
    limiter.join('stays', { user: 'Stays' });
    spend('stays', 'call', 12);
    for (let i = 0; i < 100; i++) {
      limiter.join('device', { user: `user ${i}` });
      spend('device', 'call', 12);
      limiter.leave('device');
    }
    jest.advanceTimersByTime(50_000);
    limiter.join('another', { user: 'Another' });
    expect(users.size).toBe(102);
    jest.advanceTimersByTime(11_000);
    limiter.join('another 2', { user: 'Another' });
    expect([...users.keys()]).toEqual(['Stays', 'Another']);
  });

  it('does nothing when it is off', () => {
    limiter = new RateLimiter(Settings.from({ RATE_LIMITS: 'off' }));
    limiter.join('ana', { address: '192.0.2.1' });
    expect(refused(spend('ana', 'call', 1_000))).toBe(0);
    expect(limiter.isAbusive('ana')).toBe(false);
  });
});
