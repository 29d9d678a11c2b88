import { createSecretKey, type KeyObject } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import { readPublicKey } from '../config/public-key.js';
import type { Settings } from '../config/settings.js';
import { type KeyServerPace, RemoteKeys } from './remote-keys.js';

/** What may sign tokens, and in which way. */
export interface TrustedKeys {
  readonly key: KeyObject | JWTVerifyGetKey;
  readonly algorithms: string[];
  /** Gets them ready, where that takes time. */
  readonly load?: () => Promise<unknown>;
}

/** By the kind of key: a token never has a say in how it is checked. */
const ALGORITHMS: Record<string, string[]> = {
  rsa: ['RS256', 'PS256'],
  ec: ['ES256'],
  ed25519: ['EdDSA', 'Ed25519'],
};

/** Of the three settings there is exactly one with authentication, and none without. */
export function trustedKeys(settings: Settings, pace: KeyServerPace): TrustedKeys | undefined {
  const { AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL } = settings;
  if (AUTH_JWT_SECRET !== undefined) {
    return { key: createSecretKey(AUTH_JWT_SECRET, 'utf8'), algorithms: ['HS256'] };
  }
  if (AUTH_JWKS_URL !== undefined) {
    const remote = new RemoteKeys(AUTH_JWKS_URL, pace);
    const algorithms = Object.values(ALGORITHMS).flat();
    return { key: remote.find, algorithms, load: () => remote.load() };
  }
  const key = AUTH_JWT_PUBLIC_KEY === undefined ? undefined : readPublicKey(AUTH_JWT_PUBLIC_KEY);
  return key && { key, algorithms: ALGORITHMS[key.asymmetricKeyType ?? ''] ?? [] };
}
