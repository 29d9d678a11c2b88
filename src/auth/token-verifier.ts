import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type CryptoKey, errors, type JWTPayload, jwtVerify } from 'jose';
import { Settings } from '../config/settings.js';
import { TOKEN_MAX_CHARACTERS } from '../protocol/limits.js';
import { LEEWAY_SECONDS } from './leeway.js';
import { KeyServerPace } from './remote-keys.js';
import { problemOf, unauthorized } from './token-problems.js';
import { type TrustedKeys, trustedKeys } from './trusted-keys.js';

/** Checks who signed a token, and whether it is meant for here and now. */
@Injectable()
export class TokenVerifier implements OnApplicationBootstrap {
  private readonly keys: TrustedKeys | undefined;

  constructor(
    private readonly settings: Settings,
    pace: KeyServerPace,
  ) {
    this.keys = trustedKeys(settings, pace);
  }

  /** So that the first user does not wait, and a wrong URL is in the log from the start. */
  onApplicationBootstrap(): void {
    void this.keys?.load?.();
  }

  /** @throws {SignalingError} that says why not, in words for the developer of a client */
  async claimsOf(token: unknown): Promise<JWTPayload> {
    if (token === undefined || token === null || token === '') throw unauthorized('missing');
    if (typeof token !== 'string') throw unauthorized('malformed');
    if (token.length > TOKEN_MAX_CHARACTERS) throw unauthorized('tooLong');
    if (this.keys === undefined) throw unauthorized('untrusted');
    const { algorithms, key } = this.keys;
    try {
      return await this.check(token, key, algorithms);
    } catch (error) {
      throw problemOf(error);
    }
  }

  private async check(
    token: string,
    key: TrustedKeys['key'] | CryptoKey,
    algorithms: string[],
  ): Promise<JWTPayload> {
    const { AUTH_JWT_ISSUER: issuer, AUTH_JWT_AUDIENCE: audience } = this.settings;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms,
        issuer,
        audience,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: LEEWAY_SECONDS,
      });
      if (!isCanonical(token)) throw unauthorized('untrusted');
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return await this.checkWithEach(token, error, algorithms);
    }
  }

  /** A token need not say which key signed it, and while keys are rotated there are two. */
  private async checkWithEach(
    token: string,
    keys: errors.JWKSMultipleMatchingKeys,
    algorithms: string[],
  ): Promise<JWTPayload> {
    for await (const key of keys) {
      try {
        return await this.check(token, key, algorithms);
      } catch (error) {
        // What is wrong with a key, such as that it is too weak, says nothing about the token.
        const isOfToken =
          error instanceof errors.JOSEError &&
          !(error instanceof errors.JWSSignatureVerificationFailed);
        if (isOfToken) throw error;
      }
    }
    throw unauthorized('untrusted');
  }
}

/** The last character of base64 may have bits to spare, which would let a changed signature pass. */
function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}
