import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ExtendedError } from 'socket.io';
import { Authentication } from '../auth/authentication.js';
import { userKeyOf } from '../auth/identity.js';
import { Settings } from '../config/settings.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { DrainService } from '../drain/drain.service.js';
import { Origins } from '../http/origins.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { AddressBudgets } from '../rate-limit/address-budgets.js';
import { ConnectionLimits } from '../rate-limit/connection-limits.js';
import { answerRequest } from './answer-request.js';
import { Journal } from './journal.js';
import { Refusals } from './refusals.js';

type Next = (error?: ExtendedError) => void;

const RETRY_WHEN_FULL_SECONDS = 5;

/**
 * Who may connect. What may pass by itself is refused before the handshake with HTTP 503, which
 * leaves a stock client trying again; what will not is refused in the Socket.IO handshake with
 * `connect_error`, which stops it.
 */
@Injectable()
export class Admission {
  constructor(
    private readonly settings: Settings,
    private readonly origins: Origins,
    private readonly drain: DrainService,
    private readonly authentication: Authentication,
    private readonly connectionLimits: ConnectionLimits,
    private readonly budgets: AddressBudgets,
    private readonly refusals: Refusals,
    private readonly journal: Journal,
  ) {}

  /** For Engine.IO's `allowRequest`; asked for new connections only. */
  allowRequest(
    request: IncomingMessage,
    decide: (problem: string | undefined, allowed: boolean) => void,
  ): void {
    const full = !this.connectionLimits.allows(request) || !this.budgets.takeHandshake(request);
    if (!full && !this.drain.draining) return decide(undefined, true);
    answerRequest(request, 503, new SignalingError('service_unavailable'), {
      'Retry-After': full ? RETRY_WHEN_FULL_SECONDS : Math.max(1, this.settings.DRAIN_SECONDS),
    });
    decide(full ? 'full' : 'draining', false);
  }

  /** For Socket.IO's `server.use`: `cors` guards what a page may read, not whether it connects. */
  admit(socket: PeerSocket, next: Next): void {
    if (this.drain.draining) {
      this.refuse(socket, new SignalingError('service_unavailable'), next);
    } else if (this.origins.isForeign(socket.request)) {
      this.refuse(socket, new SignalingError('unauthorized', 'this origin is not allowed'), next);
    } else if (this.authentication.required) {
      void this.authenticate(socket, next);
    } else {
      next();
    }
  }

  private async authenticate(socket: PeerSocket, next: Next): Promise<void> {
    try {
      const identity = await this.authentication.authenticate(socket);
      if (socket.conn.readyState !== 'open') {
        next(); // nobody is left, and Socket.IO lets go
        return;
      }
      if (this.drain.draining) throw new SignalingError('service_unavailable');
      if (!this.connectionLimits.countFor(userKeyOf(identity), socket.conn)) {
        throw new SignalingError('service_unavailable', 'this user has too many connections');
      }
      next();
    } catch (error) {
      this.refuse(socket, this.refusals.asSignalingError(socket.id, error), next);
    }
  }

  private refuse({ id, conn }: PeerSocket, error: SignalingError, next: Next): void {
    const { code, message, retryable } = error;
    this.journal.refused(id, code);
    if (retryable) conn.close(); // which it comes back from, and not from an error
    next(Object.assign(new Error(message), { data: { code, message } }));
  }
}
