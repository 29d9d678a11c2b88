import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { inSlices } from '../delivery/in-slices.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { Expulsion } from '../presence/expulsion.js';
import { PresenceService } from '../presence/presence.service.js';
import { TOKEN_WARNING_MS } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { Authentication } from './authentication.js';
import { LEEWAY_SECONDS } from './leeway.js';

const SWEEP_MS = 500;
/** The end of a connection takes its time afterwards, too. */
const CLOSED_PER_SLICE = 20;

interface Life {
  endsAtMs: number;
  warned: boolean;
}

/**
 * Warns connections whose tokens are about to end, and closes those whose tokens did. One sweep for
 * all: a timer each would be memory, and none can wait longer than 24.8 days.
 */
@Injectable()
export class TokenLife implements OnApplicationShutdown {
  private readonly lives = new Map<string, Life>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly authentication: Authentication,
    private readonly presence: PresenceService,
    private readonly messenger: PeerMessenger,
    private readonly expulsion: Expulsion,
  ) {}

  /**
   * From now on, or anew. Closes nothing yet: a connection that is closed while it is let in would
   * never be seen to leave.
   *
   * @param expiresAtMs a point in time since 1970
   * @returns how long the connection lasts
   */
  follow(socketId: string, expiresAtMs: number): number {
    // One that was only let in because clocks differ lasts for as long as they may.
    const leewayMs = expiresAtMs > Date.now() ? 0 : LEEWAY_SECONDS * 1_000;
    const life = { endsAtMs: expiresAtMs + leewayMs, warned: false };
    const expiresInMs = Math.max(0, life.endsAtMs - Date.now());
    this.lives.set(socketId, life);
    this.warnWhenDue(socketId, life, expiresInMs);
    this.timer ??= setInterval(() => this.sweep(), SWEEP_MS);
    return expiresInMs;
  }

  /**
   * Another token of the same user takes the place of the one that the connection was made with.
   *
   * @returns how long the connection lasts
   * @throws {SignalingError} what is wrong with it; nothing has changed then
   */
  async renew(socketId: string, token: string): Promise<number> {
    if (!this.authentication.required) {
      throw new SignalingError('unauthorized', 'this server asks for no tokens');
    }
    const { userId, tenant, expiresAtMs = 0 } = await this.authentication.verify(token);
    const peer = this.presence.find(socketId);
    if (peer?.userId !== userId || peer.tenant !== tenant) {
      throw new SignalingError('unauthorized', 'the token is of another user');
    }
    return this.follow(socketId, expiresAtMs);
  }

  forget(socketId: string): void {
    if (this.lives.delete(socketId) && this.lives.size === 0) this.stop();
  }

  onApplicationShutdown(): void {
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private sweep(): void {
    const ended: string[] = [];
    for (const [socketId, life] of this.lives) {
      const expiresInMs = life.endsAtMs - Date.now();
      if (expiresInMs > 0) this.warnWhenDue(socketId, life, expiresInMs);
      else ended.push(socketId);
    }
    if (ended.length === 0) return;
    for (const socketId of ended) this.forget(socketId);
    // Who connected together may well end together, and others are not to wait for that.
    const close = (socketId: string): void => {
      const renewed = this.lives.has(socketId);
      if (!renewed) this.expulsion.expel(socketId, 'token_expired');
    };
    void inSlices(ended, close, CLOSED_PER_SLICE);
  }

  private warnWhenDue(socketId: string, life: Life, expiresInMs: number): void {
    if (life.warned || expiresInMs > TOKEN_WARNING_MS) return;
    life.warned = true;
    this.messenger.send(socketId, 'tokenExpiring', { expiresInMs });
  }
}
