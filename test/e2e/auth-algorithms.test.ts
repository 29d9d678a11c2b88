import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { exportJWK, type JWK } from 'jose';
import { KeyServerPace } from '../../src/auth/remote-keys.js';
import { TOKEN_PROBLEMS } from '../../src/auth/token-problems.js';
import { type RunningApp, startApp } from '../support/app.js';
import { JwksServer } from '../support/jwks-server.js';
import { Newcomer } from '../support/newcomer.js';
import {
  inSeconds,
  KINDS_OF_KEY,
  type KindOfKey,
  newSigner,
  pemOf,
  type Signer,
  tokenBy,
  tokenWith,
} from '../support/tokens.js';

const ACCEPTED = { userId: 'ana' };
const KINDS = Object.keys(KINDS_OF_KEY) as KindOfKey[];
const ALGORITHMS = Object.values(KINDS_OF_KEY).flat();
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
const ofOtherKinds = (kind: KindOfKey) =>
  ALGORITHMS.filter((alg) => !(KINDS_OF_KEY[kind] as readonly string[]).includes(alg));

const refusal = (problem: keyof typeof TOKEN_PROBLEMS) => ({
  refusal: { code: 'unauthorized', message: TOKEN_PROBLEMS[problem] },
});

/** What a signature of a token is made of; whoever makes one may call it what he likes. */
function unsigned(alg: string, kid?: string): string {
  return [
    { alg, kid },
    { sub: 'ana', exp: inSeconds(60) },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
}

/** Signed with a text that everybody knows, as if it were a secret. */
function signedWith(text: string, alg: string, kid?: string): string {
  const token = unsigned(alg, kid);
  const hash = `sha${alg.slice(2)}`;
  return `${token}.${createHmac(hash, text).update(token).digest('base64url')}`;
}

/** By the right key, in the way that it can, under the name of another way. */
function misnamed(alg: string, { key, kid }: Signer): string {
  const token = unsigned(alg, kid);
  const [, bits = '256'] = /^..(\d{3})$/.exec(alg) ?? [];
  const hash = key.asymmetricKeyType === 'ed25519' ? null : `sha${bits}`;
  const signature = sign(hash, Buffer.from(token), { key, dsaEncoding: 'ieee-p1363' });
  return `${token}.${signature.toString('base64url')}`;
}

let server: RunningApp;
let addresses = 0;

async function start(environment: Record<string, string>): Promise<void> {
  server = await startApp({ AUTH_MODE: 'jwt', TRUST_PROXY: '1', ...environment });
}

/** From an address of its own: who fails often is answered late. */
function tries(token: string) {
  addresses += 1;
  const address = `10.0.${Math.floor(addresses / 250)}.${addresses % 250}`;
  return Newcomer.tries(server.url, token, { extraHeaders: { 'x-forwarded-for': address } });
}

/** A key that it does not know is looked for at once, and its token refused for good. */
function asksKeyServerAtOnce(): void {
  const pace: { cooldownMs: number } = server.app.get(KeyServerPace, { strict: false });
  pace.cooldownMs = 0;
}

describe.each(KINDS)('with a public key of the kind %s', (kind) => {
  const [signer, other] = [newSigner(kind), newSigner(kind)];

  beforeAll(() => start({ AUTH_JWT_PUBLIC_KEY: pemOf(signer) }));
  afterAll(() => server.close());

  it.each(KINDS_OF_KEY[kind])('a token by its owner is accepted: %s', async (alg) => {
    expect(await tries(await tokenBy({ ...signer, alg }))).toEqual(ACCEPTED);
  });

  it.each(KINDS_OF_KEY[kind])('a token by somebody else is refused: %s', async (alg) => {
    const token = await tokenBy({ ...other, alg, kid: signer.kid });
    expect(await tries(token)).toEqual(refusal('untrusted'));
  });

  it.each(SECRET_ALGORITHMS)('none that is signed with that key as a secret: %s', async (alg) => {
    const pem = pemOf(signer);
    for (const text of [pem, pem.trim(), `${pem}\n`, pem.replaceAll('\n', '\\n')]) {
      expect(await tries(signedWith(text, alg))).toEqual(refusal('algorithm'));
    }
  });

  it.each(ofOtherKinds(kind))('none that is called %s', async (alg) => {
    expect(await tries(misnamed(alg, signer))).toEqual(refusal('algorithm'));
  });
});

describe('with a secret', () => {
  it.each([
    [32, ['HS256']],
    [47, ['HS256']],
    [48, ['HS256', 'HS384']],
    [63, ['HS256', 'HS384']],
    [64, ['HS256', 'HS384', 'HS512']],
  ])('of %i bytes tokens may be signed as %j', async (bytes, accepted) => {
    const secret = 's'.repeat(bytes);
    await start({ AUTH_JWT_SECRET: secret });
    try {
      for (const alg of SECRET_ALGORITHMS) {
        const outcome = accepted.includes(alg) ? ACCEPTED : refusal('algorithm');
        expect([alg, await tries(await tokenWith({}, secret, alg))]).toEqual([alg, outcome]);
      }
    } finally {
      await server.close();
    }
  });
});

describe('with a key server', () => {
  const nameOf = (kind: KindOfKey) => `key of ${kind}`;
  const ofEachKind = KINDS.map((kind) => ({ kind, signer: newSigner(kind, nameOf(kind)) }));
  const signers = ofEachKind.map(({ signer }) => signer);
  const ofEachAlgorithm = ofEachKind.flatMap(({ kind, signer }) =>
    KINDS_OF_KEY[kind].map((alg) => ({ kind, alg, signer: { ...signer, alg } })),
  );
  let jwks: JwksServer;

  beforeAll(async () => {
    jwks = await JwksServer.start(...signers);
    await start({ AUTH_JWKS_URL: jwks.url });
  });
  afterAll(async () => {
    await server.close();
    await jwks.goAway();
  });

  it.each(ofEachAlgorithm)('a token by one of its keys is accepted: $alg', async ({ signer }) => {
    expect(await tries(await tokenBy(signer))).toEqual(ACCEPTED);
  });

  it.each(ofEachAlgorithm)(
    'one that uses the name of such a key is refused: $alg',
    async ({ kind, alg }) => {
      const token = await tokenBy({ ...newSigner(kind), alg, kid: nameOf(kind) });
      expect(await tries(token)).toEqual(refusal('untrusted'));
    },
  );

  it.each(SECRET_ALGORITHMS)('none that is signed with such a key as a secret: %s', async (alg) => {
    for (const signer of signers) {
      expect(await tries(signedWith(pemOf(signer), alg, signer.kid))).toEqual(refusal('algorithm'));
    }
  });

  it('all of that took one fetch', () => {
    expect(jwks.fetches).toBe(1);
  });

  it.each(ofEachKind)(
    'none by a key of the kind $kind under the name of another kind',
    async ({ kind, signer }) => {
      asksKeyServerAtOnce();
      for (const alg of ofOtherKinds(kind)) {
        const outcome = await tries(misnamed(alg, signer));
        expect([alg, outcome]).toEqual([alg, refusal('untrusted')]);
      }
    },
  );
});

describe('with keys that a key server publishes', () => {
  let jwks: JwksServer;

  async function publish(...keys: JWK[]): Promise<void> {
    jwks = await JwksServer.start();
    jwks.answerWith(200, JSON.stringify({ keys }));
    await start({ AUTH_JWKS_URL: jwks.url });
    asksKeyServerAtOnce();
  }
  afterEach(async () => {
    await server.close();
    await jwks.goAway();
  });

  const nameless = { kid: undefined as unknown as string };

  it.each(['RS256', 'PS512'])('for %s alone, nothing else is accepted', async (only) => {
    const signer = newSigner('RSA');
    const jwk = await exportJWK(signer.publicKey);
    await publish({ ...jwk, kid: signer.kid, alg: only });
    for (const alg of KINDS_OF_KEY.RSA) {
      const outcome = alg === only ? ACCEPTED : refusal('untrusted');
      for (const kid of [{}, nameless]) {
        const token = await tokenBy({ ...signer, alg, ...kid });
        expect([alg, await tries(token)]).toEqual([alg, outcome]);
      }
    }
  });

  it('one that is too weak does not stand in the way of the others', async () => {
    const good = newSigner('RSA', 'good');
    const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey;
    await publish(
      { ...weak.export({ format: 'jwk' }), kid: 'weak' },
      await exportJWK(good.publicKey),
    );
    for (const alg of KINDS_OF_KEY.RSA) {
      expect(await tries(await tokenBy({ ...good, alg, ...nameless }))).toEqual(ACCEPTED);
    }
  });

  it('a token that does not name its key is tried with each that it may be', async () => {
    const [first, second] = [newSigner('P-384'), newSigner('P-384')];
    await publish(
      await exportJWK(newSigner('P-256').publicKey),
      await exportJWK(first.publicKey),
      await exportJWK(second.publicKey),
    );
    for (const signer of [first, second]) {
      expect(await tries(await tokenBy({ ...signer, ...nameless }))).toEqual(ACCEPTED);
      const expired = await tokenBy({ ...signer, ...nameless }, { exp: inSeconds(-60) });
      expect(await tries(expired)).toMatchObject({ refusal: { code: 'token_expired' } });
    }
    const foreign = await tokenBy({ ...newSigner('P-384'), ...nameless });
    expect(await tries(foreign)).toEqual(refusal('untrusted'));
  });
});
