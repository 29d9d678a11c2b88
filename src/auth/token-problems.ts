import { errors } from 'jose';
import { SignalingError } from '../protocol/signaling-error.js';
import { LEEWAY_SECONDS, SOON_SECONDS } from './leeway.js';

/** What a refused client is told: what its developer has to look at, and nothing that helps to forge. */
export const TOKEN_PROBLEMS = {
  missing: 'there is no token: send it as auth.token in the handshake, or as a bearer token',
  malformed: 'the token is not a JSON Web Token',
  tooLong: 'the token is longer than 16 KiB',
  algorithm: 'the token is signed with an algorithm that is not accepted here',
  untrusted: 'the token is not signed by a trusted key',
  iss: 'the token is from another issuer',
  aud: 'the token is for another audience',
  nbf: 'the token is not valid yet',
  exp: 'the token does not say when it expires',
  sub: 'the token does not say whose it is: sub must be a text of 1 to 256 characters, some of them visible',
  noTenant:
    'the token does not say which tenant its user is of: this server asks for the claim that names it',
  tenant:
    'the claim that names the tenant must be a text of 1 to 256 characters, some of them visible',
} as const;

export function unauthorized(problem: keyof typeof TOKEN_PROBLEMS): SignalingError {
  return new SignalingError('unauthorized', TOKEN_PROBLEMS[problem]);
}

/** Why jose did not accept a token. */
export function problemOf(error: unknown): SignalingError {
  if (error instanceof SignalingError) return error; // of ours, from where the keys come from
  if (error instanceof errors.JWTExpired) return new SignalingError('token_expired');
  if (error instanceof errors.JOSEAlgNotAllowed) return unauthorized('algorithm');
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return unauthorized('malformed');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') return notYet(error.payload.nbf);
    return unauthorized(isProblem(error.claim) ? error.claim : 'malformed');
  }
  return unauthorized('untrusted');
}

/** Only for the moment, if the token begins soon: its issuer's clock is ahead, or ours is late. */
function notYet(nbf: unknown): SignalingError {
  if (typeof nbf !== 'number' || nbf * 1_000 - Date.now() > SOON_SECONDS * 1_000) {
    return unauthorized('nbf');
  }
  // jose compares whole seconds.
  const waitMs = Math.ceil(nbf - LEEWAY_SECONDS) * 1_000 - Date.now();
  return new SignalingError('service_unavailable', TOKEN_PROBLEMS.nbf, Math.max(0, waitMs));
}

function isProblem(claim: string): claim is keyof typeof TOKEN_PROBLEMS {
  return Object.hasOwn(TOKEN_PROBLEMS, claim);
}
