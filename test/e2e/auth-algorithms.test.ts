import { createHmac, generateKeyPairSync } from 'node:crypto';
import { exportJWK } from 'jose';
import { TOKEN_PROBLEMS } from '../../src/auth/token-problems.js';
import { type RunningApp, startApp } from '../support/app.js';
import { JwksServer } from '../support/jwks-server.js';
import { Newcomer } from '../support/newcomer.js';
import {
  ALGORITHMS,
  inSeconds,
  newSigner,
  pemOf,
  type Signer,
  tokenBy,
} from '../support/tokens.js';

const refusal = (problem: keyof typeof TOKEN_PROBLEMS) => ({
  refusal: { code: 'unauthorized', message: TOKEN_PROBLEMS[problem] },
});

/** Signed with a text that everybody knows, as if it were a secret. */
function signedWith(text: string, kid?: string): string {
  const parts = [
    { alg: 'HS256', kid },
    { sub: 'ana', exp: inSeconds(60) },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signature = createHmac('sha256', text).update(parts.join('.')).digest('base64url');
  return [...parts, signature].join('.');
}

let server: RunningApp;
let signer: Signer;
let other: Signer;

describe.each(ALGORITHMS)('with a public key for %s', (alg) => {
  beforeAll(async () => {
    [signer, other] = await Promise.all([newSigner(alg), newSigner(alg)]);
    const AUTH_JWT_PUBLIC_KEY = await pemOf(signer);
    server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWT_PUBLIC_KEY });
  });
  afterAll(() => server.close());

  it('a token by its owner is accepted', async () => {
    expect(await Newcomer.tries(server.url, await tokenBy(signer))).toEqual({ userId: 'ana' });
  });

  it('a token by somebody else is refused, whatever it calls its key', async () => {
    const token = await tokenBy({ ...other, kid: signer.kid });
    expect(await Newcomer.tries(server.url, token)).toEqual(refusal('untrusted'));
  });

  it('a token signed with the public key as a secret is refused', async () => {
    const pem = await pemOf(signer);
    for (const text of [pem, pem.trim(), `${pem}\n`, pem.replaceAll('\n', '\\n')]) {
      expect(await Newcomer.tries(server.url, signedWith(text))).toEqual(refusal('algorithm'));
    }
  });

  it('a token of another kind of key is refused', async () => {
    const foreign = await newSigner(alg === 'ES256' ? 'EdDSA' : 'ES256');
    const token = await tokenBy(foreign);
    expect(await Newcomer.tries(server.url, token)).toEqual(refusal('algorithm'));
  });
});

describe('with a key server', () => {
  let jwks: JwksServer;
  let signers: Signer[];

  beforeAll(async () => {
    signers = await Promise.all(ALGORITHMS.map((alg) => newSigner(alg, `key for ${alg}`)));
    jwks = await JwksServer.start(...signers);
    server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: jwks.url });
  });
  afterAll(async () => {
    await server.close();
    await jwks.goAway();
  });

  it.each(ALGORITHMS)('a token by one of its keys is accepted: %s', async (alg) => {
    for (const each of signers.filter((one) => one.alg === alg)) {
      expect(await Newcomer.tries(server.url, await tokenBy(each))).toEqual({ userId: 'ana' });
    }
  });

  it.each(ALGORITHMS)('a token that uses the name of such a key is refused: %s', async (alg) => {
    const token = await tokenBy({ ...(await newSigner(alg)), kid: `key for ${alg}` });
    expect(await Newcomer.tries(server.url, token)).toEqual(refusal('untrusted'));
  });

  it('a token signed with a public key as a secret is refused', async () => {
    for (const each of signers) {
      const token = signedWith(await pemOf(each), each.kid);
      expect(await Newcomer.tries(server.url, token)).toEqual(refusal('algorithm'));
    }
  });

  it('all of that took one fetch', () => {
    expect(jwks.fetches).toBe(1);
  });

  it('a published key that is too weak does not stand in the way of the others', async () => {
    const good = await newSigner('RS256', 'good');
    const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey;
    const keys = [
      { ...weak.export({ format: 'jwk' }), kid: 'weak' },
      await exportJWK(good.publicKey),
    ];
    const careless = await JwksServer.start();
    careless.answerWith(200, JSON.stringify({ keys }));
    const app = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: careless.url });
    try {
      const token = await tokenBy({ ...good, kid: undefined as unknown as string });
      expect(await Newcomer.tries(app.url, token)).toEqual({ userId: 'ana' });
    } finally {
      await app.close();
      await careless.goAway();
    }
  });

  it('a token that does not name its key is tried with each that it may be', async () => {
    const [first, second] = await Promise.all([newSigner('ES256', 'a'), newSigner('ES256', 'b')]);
    const rotating = await JwksServer.start(first, second);
    const app = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: rotating.url });
    const nameless = { kid: undefined as unknown as string };
    try {
      for (const each of [first, second]) {
        const token = await tokenBy({ ...each, ...nameless });
        expect(await Newcomer.tries(app.url, token)).toEqual({ userId: 'ana' });
        const expired = await tokenBy({ ...each, ...nameless }, { exp: inSeconds(-60) });
        expect(await Newcomer.tries(app.url, expired)).toMatchObject({
          refusal: { code: 'token_expired' },
        });
      }
      const foreign = await tokenBy({ ...(await newSigner('ES256')), ...nameless });
      expect(await Newcomer.tries(app.url, foreign)).toEqual(refusal('untrusted'));
    } finally {
      await app.close();
      await rotating.goAway();
    }
  });
});
