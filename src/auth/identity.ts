import type { JWTPayload } from 'jose';
import { isPresentable, mendedName } from '../protocol/display-name.js';
import { LABEL_MAX_CHARACTERS } from '../protocol/limits.js';
import { unauthorized } from './token-problems.js';

/** Who somebody is, for as long as the connection lasts. */
export interface Identity {
  readonly userId: string;
  /** Tenants never see or reach each other. Who has none shares one, whose name is empty. */
  readonly tenant: string;
  readonly name?: string;
  /** When the token ends, in milliseconds since 1970; never in open mode. */
  readonly expiresAtMs?: number;
}

/** Where a tenant is looked for that no setting asks for. */
export const USUAL_TENANT_CLAIM = 'tenant';

/**
 * Who the bearer of a token is, its signature and times having been checked.
 *
 * @param tenantClaim what every token must have, if given: whoever names a claim counts on it to keep
 *   tenants apart, and one that is misspelt would put all their users together
 */
export function identityFrom(claims: JWTPayload, tenantClaim: string | undefined): Identity {
  const { sub, exp = 0, name } = claims;
  if (!isLabel(sub)) throw unauthorized('sub');
  const claim = tenantClaim ?? USUAL_TENANT_CLAIM;
  const tenant = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (tenant === undefined && tenantClaim !== undefined) throw unauthorized('noTenant');
  if (tenant !== undefined && !isLabel(tenant)) throw unauthorized('tenant');
  return {
    userId: sub,
    tenant: tenant ?? '',
    name: typeof name === 'string' ? mendedName(name) : undefined,
    expiresAtMs: Math.min(exp * 1_000, Number.MAX_SAFE_INTEGER),
  };
}

/** Tells users apart whatever tenant they are of; no separator would be safe to join free texts with. */
export function userKeyOf({ tenant, userId }: Pick<Identity, 'tenant' | 'userId'>): string {
  return JSON.stringify([tenant, userId]);
}

/** What a client may address is what others are called. */
function isLabel(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LABEL_MAX_CHARACTERS && isPresentable(value);
}
