import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { FailedAttempts } from './failed-attempts.js';
import { tokenOf } from './handshake.js';
import { type Identity, identityFrom } from './identity.js';
import { TokenVerifier } from './token-verifier.js';

/** Finds out who is at the other end of a connection, before there is one. */
@Injectable()
export class Authentication {
  private readonly identities = new WeakMap<PeerSocket, Identity>();

  constructor(
    private readonly settings: Settings,
    private readonly tokens: TokenVerifier,
    private readonly failures: FailedAttempts,
  ) {}

  /** Whether a token is asked for. Without, nothing here ever takes time. */
  get required(): boolean {
    return this.settings.AUTH_MODE === 'jwt';
  }

  /**
   * Only where a token is required.
   *
   * @throws {SignalingError} `unauthorized` or `token_expired` for good, else for the moment
   */
  async authenticate(socket: PeerSocket): Promise<Identity> {
    try {
      const identity = await this.verify(tokenOf(socket));
      this.identities.set(socket, identity);
      return identity;
    } catch (error) {
      const isFinal = error instanceof SignalingError && !error.retryable;
      if (isFinal) await this.failures.add(socket.request);
      throw error;
    }
  }

  /** Who a token is from; throws what `authenticate` throws. */
  async verify(token: unknown): Promise<Identity> {
    return identityFrom(await this.tokens.claimsOf(token), this.settings.AUTH_TENANT_CLAIM);
  }

  /** Of a connection that was let in. Without authentication each is its own user. */
  identityOf(socket: PeerSocket): Identity {
    const identity = this.identities.get(socket);
    if (identity !== undefined) return identity;
    if (this.required) throw new SignalingError('unauthorized');
    return { userId: socket.id, tenant: '' };
  }
}
