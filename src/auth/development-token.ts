import { createSecretKey } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import type { Settings } from '../config/settings.js';
import { identityFrom, USUAL_TENANT_CLAIM } from './identity.js';

const USAGE =
  'npm run token -- --sub <user id> [--name <display name>] [--tenant <tenant>] [--expires 1h]';
const TEXT = { type: 'string' } as const;
const OPTIONS = { sub: TEXT, name: TEXT, tenant: TEXT, expires: { ...TEXT, default: '1h' } };

/** A token that this service accepts as it is set up, to try it with. */
export async function developmentToken(settings: Settings, args: string[]): Promise<string> {
  const { AUTH_JWT_SECRET, AUTH_JWT_ISSUER, AUTH_JWT_AUDIENCE, AUTH_TENANT_CLAIM } = settings;
  if (settings.AUTH_MODE === 'open') {
    throw new Error('AUTH_MODE is open, so nobody needs a token; set AUTH_MODE=jwt');
  }
  if (AUTH_JWT_SECRET === undefined) {
    throw new Error(
      'only who has the private key can sign tokens for this server; try it with AUTH_JWT_SECRET',
    );
  }
  try {
    const { sub, name, tenant, expires } = parseArgs({ args, options: OPTIONS }).values;
    if (!sub) throw new Error('--sub is missing');
    const claims = { name, [AUTH_TENANT_CLAIM ?? USUAL_TENANT_CLAIM]: tenant, sub };
    identityFrom(claims, AUTH_TENANT_CLAIM); // else nobody would take it
    const token = new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime(expires);
    if (AUTH_JWT_ISSUER !== undefined) token.setIssuer(AUTH_JWT_ISSUER);
    if (AUTH_JWT_AUDIENCE !== undefined) token.setAudience(AUTH_JWT_AUDIENCE);
    return await token.sign(createSecretKey(AUTH_JWT_SECRET, 'utf8'));
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'no token could be signed';
    throw new Error(`${problem}\nusage: ${USAGE}`, { cause: error });
  }
}
