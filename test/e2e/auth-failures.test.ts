import { TOKEN_PROBLEMS } from '../../src/auth/token-problems.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Newcomer } from '../support/newcomer.js';
import { SECRET, tokenWith } from '../support/tokens.js';

const BAD = 'a.bad.token';
const MALFORMED = { refusal: { code: 'unauthorized', message: TOKEN_PROBLEMS.malformed } };
/** What the eleventh failure is late by, less what timers are early by. */
const LATE_MS = 950;

let server: RunningApp;

/** How long a bad token from an address takes to be refused. */
async function refusalMs(address: string): Promise<number> {
  const startedMs = performance.now();
  expect(await tries(BAD, address)).toEqual(MALFORMED);
  return performance.now() - startedMs;
}

const tries = (token: string, address: string) => comes(token, address).then(leave);
const from = (address: string) => ({ extraHeaders: { 'x-forwarded-for': address } });

async function comes(token: string, address: string): Promise<Newcomer> {
  const newcomer = Newcomer.comes(server.url, token, from(address));
  await newcomer.settled();
  return newcomer;
}

async function leave({ outcome, peer }: Newcomer) {
  await peer.close();
  return outcome;
}

const failsOften = (address: string) =>
  Promise.all(Array.from({ length: 10 }, () => tries(BAD, address)));

beforeEach(async () => {
  server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET, TRUST_PROXY: '1' });
});
afterEach(() => server.close());

describe('after ten failures from one address', () => {
  it('further ones are answered late', async () => {
    for (let i = 0; i < 10; i += 1) expect(await refusalMs('192.0.2.1')).toBeLessThan(LATE_MS);
    expect(await refusalMs('192.0.2.1')).toBeGreaterThan(LATE_MS);
    expect(await refusalMs('192.0.2.1')).toBeGreaterThan(LATE_MS);
  });

  it('a good token from there is let in at once', async () => {
    await failsOften('192.0.2.1');
    const told: string[] = [];
    const bad = comes(BAD, '192.0.2.1').then((newcomer) => {
      told.push('bad');
      return leave(newcomer);
    });
    const good = comes(await tokenWith(), '192.0.2.1').then((newcomer) => {
      told.push('good');
      return leave(newcomer);
    });
    expect(await good).toEqual({ userId: 'ana' });
    await bad;
    expect(told).toEqual(['good', 'bad']);
  });

  it('those from elsewhere are answered at once', async () => {
    await failsOften('192.0.2.1');
    expect(await refusalMs('192.0.2.2')).toBeLessThan(LATE_MS);
  });

  it('an IPv6 network of one household counts as one address, and its neighbour as another', async () => {
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => tries(BAD, `2001:db8:1:2:${i}:${i}::${i}`)),
    );
    expect(await refusalMs('2001:db8:1:2::ffff')).toBeGreaterThan(LATE_MS);
    expect(await refusalMs('2001:db8:1:3::1')).toBeLessThan(LATE_MS);
  });

  it('whoever does not wait for the answer leaves nothing behind', async () => {
    await failsOften('192.0.2.1');
    const impatient = Array.from({ length: 20 }, () =>
      Newcomer.comes(server.url, BAD, from('192.0.2.1')),
    );
    await eventually(() => {
      for (const { peer } of impatient) expect(peer.socket.io.engine.readyState).toBe('open');
    });
    for (const { peer } of impatient) await peer.close();
    expect(await refusalMs('192.0.2.1')).toBeGreaterThan(LATE_MS);
    for (const { outcome } of impatient) expect(outcome).toEqual({});
  });
});

it('good tokens are never counted', async () => {
  const token = await tokenWith();
  for (let i = 0; i < 12; i += 1)
    expect(await tries(token, '192.0.2.1')).toEqual({ userId: 'ana' });
  expect(await refusalMs('192.0.2.1')).toBeLessThan(LATE_MS);
});
