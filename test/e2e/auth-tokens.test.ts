import { createHmac } from 'node:crypto';
import { jest } from '@jest/globals';
import { Authentication } from '../../src/auth/authentication.js';
import { FailedAttempts } from '../../src/auth/failed-attempts.js';
import { TOKEN_PROBLEMS } from '../../src/auth/token-problems.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Newcomer } from '../support/newcomer.js';
import { TRANSPORTS } from '../support/peer.js';
import { inSeconds, SECRET, tokenWith } from '../support/tokens.js';

const ISSUER = 'https://login.example/';
const AUDIENCE = 'switchboard';
const HERE = { iss: ISSUER, aud: AUDIENCE, 'https://example.com/tenant': 'acme' };

const refusedAs = (problem: keyof typeof TOKEN_PROBLEMS) => ({
  refusal: { code: 'unauthorized', message: TOKEN_PROBLEMS[problem] },
});

/** Signed all right, whatever header and claims it has. */
function handMade(header: object | string, claims: object | string, secret = SECRET): string {
  const [head, body] = [header, claims].map((part) =>
    Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'),
  );
  const signed = `${head}.${body}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** As long as that, or a character longer: base64 cannot have every length. */
async function tokenOfLength(characters: number): Promise<string> {
  const { length } = await tokenWith({ ...HERE, padding: '' });
  for (let padding = Math.floor((characters - length) * 0.75); ; padding += 1) {
    const token = await tokenWith({ ...HERE, padding: 'x'.repeat(padding) });
    if (token.length >= characters) return token;
  }
}

let server: RunningApp;
let addresses = 0;

/** From an address of its own: who fails often is answered late. */
function tries(token: unknown, options: Parameters<typeof Newcomer.comes>[2] = {}) {
  addresses += 1;
  const address = `10.0.${Math.floor(addresses / 250)}.${addresses % 250}`;
  const extraHeaders = { 'x-forwarded-for': address, ...options.extraHeaders };
  return Newcomer.tries(server.url, token, { ...options, extraHeaders });
}

beforeAll(async () => {
  server = await startApp({
    AUTH_MODE: 'jwt',
    AUTH_JWT_SECRET: SECRET,
    AUTH_JWT_ISSUER: ISSUER,
    AUTH_JWT_AUDIENCE: AUDIENCE,
    AUTH_TENANT_CLAIM: 'https://example.com/tenant',
    TRUST_PROXY: '1',
  });
});
afterAll(() => server.close());

describe.each(TRANSPORTS)('over %s', (transport) => {
  const options = { transports: [transport] };

  it('whoever brings a token is who the token says', async () => {
    const token = await tokenWith({ ...HERE, sub: 'ana', name: 'Ana' });
    expect(await tries(token, options)).toEqual({ userId: 'ana' });
  });

  it('whoever brings none is told so, and does not try again', async () => {
    const stranger = Newcomer.comes(server.url, undefined, options);
    expect(await stranger.settled()).toEqual(refusedAs('missing'));
    expect(stranger.peer.socket.active).toBe(false);
    expect(stranger.retries).toBe(0);
    await stranger.peer.close();
  });

  it('whoever cannot send a payload brings it as a bearer token', async () => {
    const token = await tokenWith({ ...HERE, sub: 'ben' });
    for (const authorization of [`Bearer ${token}`, `bearer  ${token} `]) {
      const extraHeaders = { authorization };
      const outcome = await tries(undefined, { ...options, extraHeaders });
      expect(outcome).toEqual({ userId: 'ben' });
    }
  });

  it('whoever brings one that begins in a moment comes back by itself, and gets in', async () => {
    const token = await tokenWith({ ...HERE, nbf: inSeconds(8) });
    const early = Newcomer.comes(server.url, token, options);
    expect(await early.settled(10_000)).toEqual({ userId: 'ana' });
    expect(early.retries).toBeGreaterThan(1);
    await early.peer.close();
  });

  it('a token of 16 KiB is let in, in the handshake and as a bearer token', async () => {
    const token = await tokenOfLength(16 * 1024 - 1);
    expect(await tries(token, options)).toEqual({ userId: 'ana' });
    expect(await tries(`Bearer ${token}`, options)).toEqual({ userId: 'ana' });
    const extraHeaders = { authorization: `Bearer ${token}`, 'x-other': 'x'.repeat(8_000) };
    expect(await tries(undefined, { ...options, extraHeaders })).toEqual({ userId: 'ana' });
  });

  it('a longer one is not looked at, however well it is signed', async () => {
    const token = await tokenOfLength(16 * 1024 + 1);
    expect(await tries(token, options)).toEqual(refusedAs('tooLong'));
    const extraHeaders = { authorization: `Bearer ${token}` };
    expect(await tries(undefined, { ...options, extraHeaders })).toEqual(refusedAs('tooLong'));
  });
});

describe('of two tokens', () => {
  it('the one in the handshake counts', async () => {
    const extraHeaders = { authorization: `Bearer ${await tokenWith({ ...HERE, sub: 'ben' })}` };
    const token = await tokenWith({ ...HERE, sub: 'ana' });
    expect(await tries(token, { extraHeaders })).toEqual({ userId: 'ana' });
    expect(await tries('x.y.z', { extraHeaders })).toMatchObject({
      refusal: { code: 'unauthorized' },
    });
  });
});

describe('a token', () => {
  it('in the URL is not looked at: URLs end up in logs', async () => {
    const token = await tokenWith(HERE);
    for (const name of ['token', 'access_token']) {
      const outcome = await tries(undefined, { query: { [name]: token } });
      expect(outcome).toEqual(refusedAs('missing'));
    }
  });

  it.each([
    ['for another audience', { ...HERE, aud: 'another' }, 'aud'],
    ['for several others', { ...HERE, aud: ['another', 'third'] }, 'aud'],
    ['for nobody', { ...HERE, aud: undefined }, 'aud'],
    ['from another issuer', { ...HERE, iss: 'https://login.example' }, 'iss'],
    ['from nobody', { ...HERE, iss: undefined }, 'iss'],
    ['not valid yet, nor soon', { ...HERE, nbf: inSeconds(600) }, 'nbf'],
    ['without an end', { ...HERE, exp: undefined }, 'exp'],
    ['without a subject', { ...HERE, sub: undefined }, 'sub'],
    ['with an empty subject', { ...HERE, sub: '' }, 'sub'],
    ['with a subject that is too long', { ...HERE, sub: 'a'.repeat(257) }, 'sub'],
    ['with a subject that hides something', { ...HERE, sub: 'ana\u0000' }, 'sub'],
    ['with a subject that is no text', { ...HERE, sub: 42 }, 'sub'],
    ['without a tenant', { ...HERE, 'https://example.com/tenant': undefined }, 'noTenant'],
    [
      'with a tenant in another claim',
      { ...HERE, 'https://example.com/tenant': undefined, tenant: 'acme' },
      'noTenant',
    ],
    ['with a tenant that is no text', { ...HERE, 'https://example.com/tenant': 7 }, 'tenant'],
    ['with a tenant of many', { ...HERE, 'https://example.com/tenant': ['a', 'b'] }, 'tenant'],
    ['with a tenant of null', { ...HERE, 'https://example.com/tenant': null }, 'tenant'],
    ['with an empty tenant', { ...HERE, 'https://example.com/tenant': '' }, 'tenant'],
  ] as const)('%s is refused, and says which claim it is', async (_, claims, problem) => {
    expect(await tries(await tokenWith(claims))).toEqual(refusedAs(problem));
  });

  it.each([
    ['one of several audiences', { ...HERE, aud: ['another', AUDIENCE] }],
    ['another claim of that kind', { ...HERE, tenant: 7 }],
    ['a name that is no text', { ...HERE, name: { first: 'Ana' } }],
    ['a name that nobody would take', { ...HERE, name: '\u202E\u0000' }],
    ['an end that is a fraction', { ...HERE, exp: inSeconds(60) + 0.5 }],
  ])('with %s is fine', async (_, claims) => {
    expect(await tries(await tokenWith(claims))).toEqual({ userId: 'ana' });
  });

  it('that has expired says so with a code of its own', async () => {
    expect(await tries(await tokenWith({ ...HERE, exp: inSeconds(-60) }))).toEqual({
      refusal: { code: 'token_expired', message: expect.any(String) as string },
    });
  });

  it('is judged with some leeway, since clocks differ', async () => {
    for (const claims of [{ exp: inSeconds(-2) }, { nbf: inSeconds(3) }]) {
      expect(await tries(await tokenWith({ ...HERE, ...claims }))).toEqual({ userId: 'ana' });
    }
  });

  it('that begins soon is refused for the moment, which is no failure of its address', async () => {
    const failure = jest.spyOn(server.app.get(FailedAttempts, { strict: false }), 'add');
    const early = Newcomer.comes(server.url, await tokenWith({ ...HERE, nbf: inSeconds(29) }));
    await eventually(() => expect(early.retries).toBeGreaterThan(5));
    expect(early.outcome).toEqual({});
    await early.peer.close();
    expect(failure).not.toHaveBeenCalled();
    failure.mockRestore();
  });

  it('signed with another secret is refused', async () => {
    const token = await tokenWith(HERE, 'another secret, just as long as it has to be');
    expect(await tries(token)).toEqual(refusedAs('untrusted'));
  });

  it.each(['none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'hs256'])(
    'that calls its algorithm %j is refused, with and without a signature',
    async (alg) => {
      const signed = handMade({ alg }, { sub: 'ana', exp: inSeconds(60), ...HERE });
      const unsigned = signed.slice(0, signed.lastIndexOf('.') + 1);
      for (const token of [signed, unsigned, unsigned.slice(0, -1)]) {
        expect(await tries(token)).toMatchObject({ refusal: { code: 'unauthorized' } });
      }
    },
  );

  it.each([
    ['an unknown critical header', { alg: 'HS256', crit: ['x'], x: 1 }, {}],
    ['an unencoded payload', { alg: 'HS256', b64: false, crit: ['b64'] }, {}],
    ['no claims', { alg: 'HS256' }, 'null'],
    ['a list of claims', { alg: 'HS256' }, '[]'],
    ['claims that are no JSON', { alg: 'HS256' }, '{"sub":'],
    ['a header that is no JSON', 'HS256', {}],
    ['no header', 'null', {}],
    ['an expiry in words', { alg: 'HS256' }, { ...HERE, sub: 'ana', exp: 'tomorrow' }],
    [
      'a prototype for claims',
      { alg: 'HS256' },
      `{"__proto__":{"sub":"ana","exp":${inSeconds(60)}}}`,
    ],
  ])('with %s is refused', async (_, header, claims) => {
    expect(await tries(handMade(header, claims))).toMatchObject({
      refusal: { code: 'unauthorized' },
    });
  });

  it('changed anywhere is refused', async () => {
    const token = await tokenWith({ ...HERE, name: 'Ana' });
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // Every place once, and the last one, where base64 has bits to spare, in every way.
    const places = [...Array(token.length).keys(), ...Array<number>(63).fill(token.length - 1)];
    const changed = places.map((at, i) => {
      const now = alphabet.indexOf(token.charAt(at));
      const next = now < 0 ? 'A' : alphabet.charAt((now + 1 + (i % 63)) % 64);
      return token.slice(0, at) + next + token.slice(at + 1);
    });
    const lengths = [token.slice(0, -1), `${token}A`, `${token}=`, ` ${token}`, `${token}.`];
    const authentication = server.app.get(Authentication, { strict: false });
    for (const altered of [...changed, ...lengths]) {
      expect(altered).not.toBe(token);
      const verdict = authentication.verify(altered);
      await expect(verdict).rejects.toMatchObject({ code: 'unauthorized' });
    }
    expect(await authentication.verify(token)).toMatchObject({ userId: 'ana', name: 'Ana' });
  });

  it.each([
    42,
    true,
    [],
    {},
    [['a', 'b', 'c']],
    { toString: 'x' },
    { length: 3 },
    '.',
    '..',
    '...',
    'a.b.c',
    'null',
    ' ',
    '💥.💥.💥',
    '\u0000',
  ] as unknown[])('that is %j is refused', async (token) => {
    expect(await tries(token)).toMatchObject({ refusal: { code: 'unauthorized' } });
  });

  it.each([null, ''])('that is %j counts as none', async (token) => {
    expect(await tries(token)).toEqual(refusedAs('missing'));
  });

  it.each(['x', ['x']])('of 90,000 times %j is not looked at', async (x) => {
    const token = typeof x === 'string' ? x.repeat(90_000) : ['x'.repeat(90_000)];
    expect(await tries(token)).toEqual(refusedAs(typeof x === 'string' ? 'tooLong' : 'malformed'));
  });

  it('may have the word of the header in front of it', async () => {
    const token = await tokenWith(HERE);
    for (const word of ['Bearer ', 'bearer ', 'BEARER  ']) {
      expect(await tries(`${word}${token}`)).toEqual({ userId: 'ana' });
    }
    for (const wrong of ['Bearer', 'Bearer ', `Bearer${token}`, `Basic ${token}`, `Bearer x.y.z`]) {
      expect(await tries(wrong)).toMatchObject({ refusal: { code: 'unauthorized' } });
    }
  });
});
