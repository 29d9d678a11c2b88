import { jest } from '@jest/globals';
import { createSecretKey } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { LEEWAY_SECONDS } from './leeway.js';
import { problemOf, TOKEN_PROBLEMS } from './token-problems.js';

const KEY = createSecretKey(Buffer.alloc(32));
const NOW = 1_800_000_000;

describe('a token that begins later', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  /** What is wrong with it at some milliseconds past the second, or undefined. */
  async function problemAt(ms: number, nbf: unknown) {
    jest.setSystemTime(NOW * 1_000 + ms);
    const token = await new SignJWT({ nbf, exp: NOW + 600 } as JWTPayload)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(KEY);
    try {
      await jwtVerify(token, KEY, { clockTolerance: LEEWAY_SECONDS });
      return undefined;
    } catch (error) {
      const { code, message, retryAfterMs } = problemOf(error);
      expect(message).toBe(TOKEN_PROBLEMS.nbf);
      return { code, retryAfterMs };
    }
  }
  const soon = (retryAfterMs: number) => ({ code: 'service_unavailable', retryAfterMs });
  const never = { code: 'unauthorized', retryAfterMs: undefined };

  it.each([
    [-1, 0, undefined],
    [5, 0, undefined],
    [5.5, 0, soon(1_000)],
    [6, 0, soon(1_000)],
    [6, 999, soon(1)],
    [7, 250, soon(1_750)],
    [30, 0, soon(25_000)],
    [30.5, 500, soon(25_500)],
    [31, 0, never],
    [31, 1_000, soon(25_000)],
    [1e300, 0, never],
  ])('by %d s is, after %i ms, %j', async (ahead, ms, problem) => {
    expect(await problemAt(ms, NOW + ahead)).toEqual(problem);
  });

  it('is good once the time has passed that it was to wait', async () => {
    for (const ahead of [5.001, 6, 12.5, 29.999]) {
      const { retryAfterMs = NaN } = (await problemAt(700, NOW + ahead)) ?? {};
      expect(await problemAt(700 + retryAfterMs - 1, NOW + ahead)).toEqual(soon(1));
      expect(await problemAt(700 + retryAfterMs, NOW + ahead)).toBeUndefined();
    }
  });

  it('never is, if that is no time', async () => {
    for (const nbf of ['1', null, true]) expect(await problemAt(0, nbf)).toEqual(never);
  });
});
