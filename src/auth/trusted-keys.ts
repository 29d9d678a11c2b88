import { createSecretKey, type KeyObject } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import { algorithmsFor, PUBLIC_KEY_ALGORITHMS, readPublicKey } from '../config/key-algorithms.js';
import type { Settings } from '../config/settings.js';
import { type KeyServerPace, RemoteKeys } from './remote-keys.js';

/** What may sign tokens, and in which way. */
export interface TrustedKeys {
  readonly key: KeyObject | JWTVerifyGetKey;
  readonly algorithms: string[];
  /** Gets them ready, where that takes time. */
  readonly load?: () => Promise<unknown>;
}

/** Of the three settings there is exactly one with authentication, and none without. */
export function trustedKeys(settings: Settings, pace: KeyServerPace): TrustedKeys | undefined {
  const { AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL } = settings;
  if (AUTH_JWT_SECRET !== undefined) return trusting(createSecretKey(AUTH_JWT_SECRET, 'utf8'));
  if (AUTH_JWKS_URL !== undefined) {
    const remote = new RemoteKeys(AUTH_JWKS_URL, pace);
    return { key: remote.find, algorithms: PUBLIC_KEY_ALGORITHMS, load: () => remote.load() };
  }
  const key = AUTH_JWT_PUBLIC_KEY === undefined ? undefined : readPublicKey(AUTH_JWT_PUBLIC_KEY);
  return key && trusting(key);
}

function trusting(key: KeyObject): TrustedKeys {
  return { key, algorithms: algorithmsFor(key) };
}
