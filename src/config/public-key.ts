import { createPublicKey, type KeyObject } from 'node:crypto';

const RSA_MIN_BITS = 2_048;

/** The key that a PEM text holds, if it is a public one that is fit to check tokens with. */
export function readPublicKey(pem: string): KeyObject | undefined {
  // Node would also take a private key, and make its public one of it: that one is to stay away.
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    const key = createPublicKey(pem);
    return isFit(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

function isFit({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'rsa') return (details?.modulusLength ?? 0) >= RSA_MIN_BITS;
  return type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1');
}
