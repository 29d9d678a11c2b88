import { createPublicKey, type KeyObject } from 'node:crypto';

const RSA_MIN_BITS = 2_048;
export const SECRET_MIN_BYTES = 32;

/** A secret is to be no shorter than the hash that it is used with: RFC 7518, section 3.2. */
const BY_SECRET_BYTES = { HS256: SECRET_MIN_BYTES, HS384: 48, HS512: 64 };
const OF_RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
/** By the names that OpenSSL has for P-256, P-384 and P-521. */
const BY_CURVE: Record<string, string[]> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};
const OF_ED25519 = ['EdDSA', 'Ed25519'];

/** What public keys of any kind may check; jose takes for each key those of its kind alone. */
export const PUBLIC_KEY_ALGORITHMS = [...OF_RSA, ...Object.values(BY_CURVE).flat(), ...OF_ED25519];

/** By the kind of key: a token never has a say in how it is checked. None if the key is not fit. */
export function algorithmsFor(key: KeyObject): string[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details, symmetricKeySize = 0 } = key;
  if (key.type === 'secret') {
    const algorithms = Object.entries(BY_SECRET_BYTES);
    return algorithms.filter(([, bytes]) => symmetricKeySize >= bytes).map(([name]) => name);
  }
  if (type === 'rsa') return (details?.modulusLength ?? 0) >= RSA_MIN_BITS ? OF_RSA : [];
  if (type === 'ec') return BY_CURVE[details?.namedCurve ?? ''] ?? [];
  return type === 'ed25519' ? OF_ED25519 : [];
}

/** The key that a PEM text holds, if it is a public one that is fit to check tokens with. */
export function readPublicKey(pem: string): KeyObject | undefined {
  // Node would also take a private key, and make its public one of it: that one is to stay away.
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    const key = createPublicKey(pem);
    return algorithmsFor(key).length > 0 ? key : undefined;
  } catch {
    return undefined;
  }
}
