import { KeyServerPace } from '../../src/auth/remote-keys.js';
import { TOKEN_PROBLEMS } from '../../src/auth/token-problems.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { JwksServer } from '../support/jwks-server.js';
import { Newcomer } from '../support/newcomer.js';
import { TRANSPORTS } from '../support/peer.js';
import { newSigner, type Signer, tokenBy } from '../support/tokens.js';

const UNTRUSTED = { code: 'unauthorized', message: TOKEN_PROBLEMS.untrusted };

let jwks: JwksServer;
let server: RunningApp;
let old: Signer;
let fresh: Signer;
let pace: { -readonly [name in keyof KeyServerPace]: number };

beforeAll(() => {
  [old, fresh] = [newSigner('P-256', 'old'), newSigner('P-256', 'fresh')];
});
beforeEach(async () => {
  jwks = await JwksServer.start(old);
});
afterEach(async () => {
  await server.close();
  await jwks.goAway();
});

async function start(): Promise<void> {
  server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: jwks.url });
  pace = server.app.get(KeyServerPace, { strict: false });
}

/** Started, and the keys are known. */
async function startKnowing(): Promise<void> {
  await start();
  expect(await Newcomer.tries(server.url, await tokenBy(old))).toEqual({ userId: 'ana' });
}

describe('when keys are rotated', () => {
  beforeEach(startKnowing);

  it('a token by a new key is accepted without a restart', async () => {
    pace.cooldownMs = 0;
    await jwks.publish(old, fresh);
    for (const signer of [fresh, old]) {
      expect(await Newcomer.tries(server.url, await tokenBy(signer))).toEqual({ userId: 'ana' });
    }
    expect(jwks.fetches).toBe(2);
  });

  it.each(TRANSPORTS)(
    'a token by a key of this moment comes back by itself and gets in, over %s',
    async (transport) => {
      pace.cooldownMs = 1_500;
      await jwks.publish(old, fresh);
      const ana = Newcomer.comes(server.url, await tokenBy(fresh), { transports: [transport] });
      expect(await ana.settled()).toEqual({ userId: 'ana' });
      expect(ana.retries).toBeGreaterThan(0);
      expect(jwks.fetches).toBe(2);
      await ana.peer.close();
    },
  );

  it('made-up keys cause no more than one fetch each cooldown', async () => {
    const startedMs = performance.now();
    const mallory = newSigner('P-256', 'made up');
    pace.cooldownMs = 500;
    const newcomers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) =>
        Newcomer.comes(server.url, await tokenBy({ ...mallory, kid: `made up ${i}` })),
      ),
    );
    await eventually(() => {
      // Whoever asks when one is due is told that there is no such key.
      expect(newcomers.some(({ outcome }) => 'refusal' in outcome)).toBe(true);
      for (const { retries, outcome } of newcomers) {
        if (!('refusal' in outcome)) expect(retries).toBeGreaterThan(3);
      }
    });
    const passedMs = performance.now() - startedMs;
    expect(jwks.fetches).toBeLessThanOrEqual(2 + passedMs / pace.cooldownMs);
    await Promise.all(newcomers.map(({ peer }) => peer.close()));
  });

  it('a withdrawn key is accepted for as long as the keys are kept, and no longer', async () => {
    await jwks.publish(fresh);
    expect(await Newcomer.tries(server.url, await tokenBy(old))).toEqual({ userId: 'ana' });
    pace.maxAgeMs = 0;
    pace.cooldownMs = 0;
    expect(await Newcomer.tries(server.url, await tokenBy(old))).toEqual({ refusal: UNTRUSTED });
  });
});

describe('while the key server is away', () => {
  it('known keys go on being accepted, however old', async () => {
    await startKnowing();
    await jwks.goAway();
    pace.maxAgeMs = 0;
    for (let i = 0; i < 3; i += 1) {
      expect(await Newcomer.tries(server.url, await tokenBy(old))).toEqual({ userId: 'ana' });
    }
    await jwks.publish(fresh);
    await jwks.comeBack();
    pace.cooldownMs = 0;
    const bye = Newcomer.comes(server.url, await tokenBy(fresh));
    expect(await bye.settled(10_000)).toEqual({ userId: 'ana' });
    await bye.peer.close();
    expect(await Newcomer.tries(server.url, await tokenBy(old))).toEqual({ refusal: UNTRUSTED });
  });

  it('whoever is connected stays', async () => {
    await startKnowing();
    const ana = Newcomer.comes(server.url, await tokenBy(old));
    await ana.settled();
    await jwks.goAway();
    pace.maxAgeMs = 0;
    const ben = Newcomer.comes(server.url, await tokenBy(fresh, { sub: 'ben' }));
    await eventually(() => expect(ben.retries).toBeGreaterThan(2));
    expect(await ana.peer.ask('register', 'Ana')).toMatchObject({ ok: true });
    expect(ana.retries).toBe(0);
    await Promise.all([ana, ben].map(({ peer }) => peer.close()));
  });

  it.each(TRANSPORTS)('newcomers over %s try again until they get in', async (transport) => {
    await jwks.goAway();
    await start();
    const ana = Newcomer.comes(server.url, await tokenBy(old), { transports: [transport] });
    await eventually(() => expect(ana.retries).toBeGreaterThan(3));
    expect(ana.outcome).toEqual({});
    await jwks.comeBack();
    expect(await ana.settled(10_000)).toEqual({ userId: 'ana' });
    await ana.peer.close();
  });

  it('a thousand newcomers cause a handful of fetches', async () => {
    await startKnowing();
    jwks.answerWith(503, '');
    pace.cooldownMs = 0;
    const token = await tokenBy(fresh);
    let refused = 0;
    // In waves: more than 511 at once would wait for the operating system, and not for us.
    for (let wave = 0; wave < 5; wave += 1) {
      const newcomers = Array.from({ length: 200 }, () =>
        Newcomer.comes(server.url, token, { reconnection: false }),
      );
      for (const { peer } of newcomers) peer.socket.io.on('close', () => (refused += 1));
      await eventually(() => expect(refused).toBe(200 * (wave + 1)));
      await Promise.all(newcomers.map(({ peer }) => peer.close()));
    }
    expect(jwks.fetches).toBeGreaterThan(1);
    expect(jwks.fetches).toBeLessThan(10);
  }, 60_000);
});

describe('a key server that is slow', () => {
  it('holds up nobody who has a known key, and nobody else for long', async () => {
    await startKnowing();
    jwks.hang();
    pace.cooldownMs = 0;
    const waiting = Newcomer.comes(server.url, await tokenBy(fresh));
    await eventually(() => expect(jwks.fetches).toBe(2));
    expect(await Newcomer.tries(server.url, await tokenBy(old))).toEqual({ userId: 'ana' });
    expect(waiting.retries).toBe(0);
    await eventually(() => expect(waiting.retries).toBeGreaterThan(0), 8_000);
    expect(waiting.outcome).toEqual({});

    pace.maxAgeMs = 0; // the known keys are due, and cannot be had
    await eventually(() => expect(jwks.fetches).toBe(3));
    const startedMs = performance.now();
    expect(await Newcomer.tries(server.url, await tokenBy(old))).toEqual({ userId: 'ana' });
    expect(performance.now() - startedMs).toBeLessThan(1_500);

    await jwks.publish(fresh);
    await jwks.comeBack();
    expect(await waiting.settled(10_000)).toEqual({ userId: 'ana' });
    await waiting.peer.close();
  });
});

describe('what is not a key set', () => {
  it.each([
    ['a page', 200, '<!doctype html><title>Sign in</title>'],
    ['something else as JSON', 200, '{"hello":"world"}'],
    ['an error', 500, ''],
    ['a redirect', 302, ''],
  ])('%s is a key server that is away: temporary', async (_, status, body) => {
    jwks.answerWith(status, body);
    await start();
    const ana = Newcomer.comes(server.url, await tokenBy(old));
    await eventually(() => expect(ana.retries).toBeGreaterThan(1));
    expect(ana.outcome).toEqual({});
    await jwks.comeBack();
    expect(await ana.settled(10_000)).toEqual({ userId: 'ana' });
    await ana.peer.close();
  });
});
