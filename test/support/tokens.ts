import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';

export const SECRET = 'correct horse battery staple, twice over';
/** The settings of a server that believes `tokenWith`. */
export const WITH_TOKENS = { AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET };
/** Who can sign in which way. */
export const KINDS_OF_KEY = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
} as const;
export type KindOfKey = keyof typeof KINDS_OF_KEY;

export type Claims = Record<string, unknown>;

/** Somebody who signs tokens. */
export interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
}

/** Signs in the first of the ways that there are for its kind of key. */
export function newSigner(kind: KindOfKey = 'P-256', kid = 'key-1'): Signer {
  const { privateKey: key, publicKey } = newKeyPair(kind);
  return { alg: KINDS_OF_KEY[kind][0], kid, key, publicKey };
}

function newKeyPair(kind: KindOfKey): { privateKey: KeyObject; publicKey: KeyObject } {
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2_048 });
  if (kind === 'Ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', { namedCurve: kind });
}

export function pemOf({ publicKey }: Signer): string {
  return String(publicKey.export({ type: 'spki', format: 'pem' }));
}

/** What the numbers of `exp` and `nbf` count. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

/** What a token says, unless a test has it say something else; undefined leaves a claim out. */
const claimsWith = (claims: Claims): JWTPayload => ({
  sub: 'ana',
  exp: inSeconds(600),
  ...claims,
});

/** Signed by a key pair. */
export function tokenBy({ alg, kid, key }: Signer, claims: Claims = {}): Promise<string> {
  return new SignJWT(claimsWith(claims)).setProtectedHeader({ alg, kid }).sign(key);
}

/** Signed with a secret. */
export function tokenWith(
  claims: Claims = {},
  secret = SECRET,
  alg: 'HS256' | 'HS384' | 'HS512' = 'HS256',
): Promise<string> {
  const key = createSecretKey(secret, 'utf8');
  return new SignJWT(claimsWith(claims)).setProtectedHeader({ alg }).sign(key);
}
