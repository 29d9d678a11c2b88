import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Settings, SettingsError } from './settings.js';

const SECRET = 'x'.repeat(32);
const JWKS_URL = 'https://login.example/jwks.json';
const KEY_NAMES = 'AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL';
const PUBLIC_KEY =
  'AUTH_JWT_PUBLIC_KEY must be a public key as PEM (BEGIN PUBLIC KEY): RSA of at least 2048 bits, P-256, P-384, P-521, or Ed25519';

const spki = ({ publicKey }: { publicKey: KeyObject }): string =>
  String(publicKey.export({ type: 'spki', format: 'pem' }));
const RSA = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const PEM = spki(RSA);

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    Settings.from(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const withJwt = (environment: Record<string, string | undefined>) =>
  problemsOf({ AUTH_MODE: 'jwt', ...environment });

describe('the settings of authentication', () => {
  it.each([
    { AUTH_JWT_SECRET: SECRET },
    { AUTH_JWT_PUBLIC_KEY: PEM },
    { AUTH_JWT_PUBLIC_KEY: `\n${PEM.replaceAll('\n', '\\n')}` },
    ...['P-256', 'P-384', 'P-521'].map((namedCurve) => ({
      AUTH_JWT_PUBLIC_KEY: spki(generateKeyPairSync('ec', { namedCurve })),
    })),
    { AUTH_JWT_PUBLIC_KEY: spki(generateKeyPairSync('ed25519')) },
    { AUTH_JWKS_URL: JWKS_URL },
    { AUTH_JWKS_URL: 'http://127.0.0.1:8080/realms/a/protocol/openid-connect/certs?x=1' },
  ])('may be %j', (environment) => {
    expect(withJwt(environment)).toEqual([]);
    expect(withJwt({ ...environment, AUTH_JWT_ISSUER: 'a', AUTH_JWT_AUDIENCE: 'b' })).toEqual([]);
  });

  it('name one kind of key', () => {
    expect(withJwt({})).toEqual([`AUTH_MODE=jwt needs exactly one of ${KEY_NAMES}; given: none`]);
    expect(withJwt({ AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: JWKS_URL })).toEqual([
      `AUTH_MODE=jwt needs exactly one of ${KEY_NAMES}; given: AUTH_JWT_SECRET and AUTH_JWKS_URL`,
    ]);
    expect(
      withJwt({ AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: JWKS_URL, AUTH_JWT_PUBLIC_KEY: PEM }),
    ).toHaveLength(1);
  });

  it.each([
    ...['AUTH_JWT_SECRET', 'AUTH_JWKS_URL', 'AUTH_JWT_ISSUER', 'AUTH_JWT_AUDIENCE'],
    'AUTH_TENANT_CLAIM',
  ])('do not leave a server open that somebody gave %s', (name) => {
    const value = name === 'AUTH_JWKS_URL' ? JWKS_URL : SECRET;
    const problem = `${name} is given, but AUTH_MODE is open: set AUTH_MODE=jwt, or remove it`;
    expect(problemsOf({ [name]: value })).toEqual([problem]);
    expect(problemsOf({ [name]: value, AUTH_MODE: 'open' })).toEqual([problem]);
    expect(problemsOf({ [name]: '' })).toEqual([]);
  });

  it.each(['JWT', 'none', 'off', 'jwks', 'open,jwt'])('know no mode %s', (AUTH_MODE) => {
    expect(problemsOf({ AUTH_MODE, AUTH_JWT_SECRET: SECRET })).toEqual([
      expect.stringMatching(/^AUTH_MODE must be .*open, jwt/),
    ]);
  });

  it('take no short secret, counted in bytes', () => {
    const problem = 'AUTH_JWT_SECRET must be at least 32 bytes long';
    for (const short of ['x', 'x'.repeat(31), `${'x'.repeat(31)} `, 'ü'.repeat(15)]) {
      expect(withJwt({ AUTH_JWT_SECRET: short })).toEqual([problem]);
    }
    expect(withJwt({ AUTH_JWT_SECRET: 'ü'.repeat(16) })).toEqual([]);
  });

  it.each([
    ['no PEM', 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'],
    ['a broken one', PEM.replace('MII', 'MIX')],
    ['half of one', PEM.slice(0, 200)],
    ['a private key', String(RSA.privateKey.export({ type: 'pkcs8', format: 'pem' }))],
    ['another form of RSA key', String(RSA.publicKey.export({ type: 'pkcs1', format: 'pem' }))],
    ['a short RSA key', spki(generateKeyPairSync('rsa', { modulusLength: 1_024 }))],
    ['a key for PSS alone', spki(generateKeyPairSync('rsa-pss', { modulusLength: 2_048 }))],
    ['a short curve', spki(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }))],
    ['another curve', spki(generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' }))],
    ['a key for Ed448', spki(generateKeyPairSync('ed448'))],
    ['a curve for coins', spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))],
    ['a key that cannot sign', spki(generateKeyPairSync('x25519'))],
    ['a JWK', JSON.stringify(RSA.publicKey.export({ format: 'jwk' }))],
  ])('take no public key that is %s', (_, AUTH_JWT_PUBLIC_KEY) => {
    expect(withJwt({ AUTH_JWT_PUBLIC_KEY })).toEqual([PUBLIC_KEY]);
  });

  it.each([
    'login.example',
    '/jwks',
    'ftp://login.example',
    'https://u:p@login.example',
    'file:///a',
  ])('take no key server at %s', (AUTH_JWKS_URL) => {
    expect(withJwt({ AUTH_JWKS_URL })).toEqual([
      'AUTH_JWKS_URL must be an http or https URL without a user and password',
    ]);
  });

  it('are never quoted', () => {
    const secret = 'tell nobody';
    for (const name of ['AUTH_JWT_SECRET', 'AUTH_JWT_PUBLIC_KEY', 'AUTH_JWKS_URL']) {
      for (const AUTH_MODE of ['open', 'jwt', secret]) {
        const problems = problemsOf({ AUTH_MODE, [name]: secret });
        expect(problems).not.toEqual([]);
        expect(new SettingsError(problems).message).not.toContain(secret);
      }
    }
  });

  it('turn the demo off unless it is asked for, and signaling outside of calls in any case', () => {
    const jwt = { AUTH_MODE: ' jwt ', AUTH_JWT_SECRET: SECRET };
    expect(Settings.from({})).toMatchObject({ DEMO: true, CALLS_REQUIRED: false });
    expect(Settings.from(jwt)).toMatchObject({ DEMO: false, CALLS_REQUIRED: true });
    expect(Settings.from({ ...jwt, DEMO: '', CALLS_REQUIRED: '' }).DEMO).toBe(false);
    expect(Settings.from({ ...jwt, DEMO: 'on', CALLS_REQUIRED: 'off' })).toMatchObject({
      DEMO: true,
      CALLS_REQUIRED: true,
    });
    expect(problemsOf({ ...jwt, DEMO: 'maybe' })).toEqual(['DEMO must be on or off']);
  });
});
