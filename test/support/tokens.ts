import { createSecretKey, type KeyObject } from 'node:crypto';
import { type CryptoKey, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export const SECRET = 'correct horse battery staple, twice over';
/** The settings of a server that believes `tokenWith`. */
export const WITH_TOKENS = { AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET };
export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

export type Claims = Record<string, unknown>;

/** Somebody who signs tokens. */
export interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly key: CryptoKey | KeyObject;
  readonly publicKey: CryptoKey;
}

export async function newSigner(alg = 'ES256', kid = 'key-1'): Promise<Signer> {
  const { privateKey: key, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, key, publicKey };
}

export function pemOf({ publicKey }: Signer): Promise<string> {
  return exportSPKI(publicKey);
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
export function tokenWith(claims: Claims = {}, secret = SECRET): Promise<string> {
  const key = createSecretKey(secret, 'utf8');
  return new SignJWT(claimsWith(claims)).setProtectedHeader({ alg: 'HS256' }).sign(key);
}
