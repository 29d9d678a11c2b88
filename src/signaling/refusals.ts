import { Injectable, Logger } from '@nestjs/common';
import type { AckRequest } from '../delivery/ack-request.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { Expulsion } from '../presence/expulsion.js';
import type { ServerEvents } from '../protocol/events.js';
import { EXCEPTION_INTERVAL_MS } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { RateLimiter } from '../rate-limit/rate-limiter.js';
import { Journal } from './journal.js';

type Exception = Parameters<ServerEvents['exception']>[0];

/** Long enough for any event there is; a made-up name is not echoed at length. */
const PATTERN_MAX_CHARACTERS = 32;

/**
 * Tells a sender that its message was refused: through the acknowledgement where it asked for one,
 * else as `exception`. Of a flood of those it hears at most one a second, the last one included.
 * Nothing of the payload ever goes back.
 */
@Injectable()
export class Refusals {
  private readonly logger = new Logger(Refusals.name);
  /** What the connections that heard an exception within the last interval are yet to hear. */
  private readonly withheld = new Map<string, Exception | undefined>();

  constructor(
    private readonly messenger: PeerMessenger,
    private readonly expulsion: Expulsion,
    private readonly limiter: RateLimiter,
    private readonly journal: Journal,
  ) {}

  refuse(socketId: string, event: unknown, request: AckRequest | undefined, cause: unknown): void {
    const error = this.asSignalingError(socketId, cause);
    this.journal.refused(socketId, error.code);
    this.answer(socketId, event, request, error);
    if (!this.limiter.isAbusive(socketId)) return;
    this.journal.expelled(socketId);
    this.expulsion.expel(socketId, 'rate_limited', 'refused too often');
  }

  /** Logs what is no refusal but a fault of ours. */
  asSignalingError(connectionId: string, cause: unknown): SignalingError {
    if (cause instanceof SignalingError) return cause;
    // Where it failed, and not what it says: a message may quote what a client sent.
    const { name, stack = '' } = cause instanceof Error ? cause : new Error();
    const at = stack.split('\n').filter((line) => line.startsWith('    at '));
    this.logger.error({ event: 'handler failed', connectionId, name, at });
    return new SignalingError('internal_error');
  }

  private answer(
    socketId: string,
    event: unknown,
    request: AckRequest | undefined,
    { code, message, retryAfterMs }: SignalingError,
  ): void {
    if (request !== undefined) {
      const error = { code, message, retryAfterMs };
      return this.messenger.acknowledge(socketId, request, { ok: false, error });
    }
    const pattern = String(event).slice(0, PATTERN_MAX_CHARACTERS);
    const exception: Exception = { status: 'error', code, message, cause: { pattern } };
    if (this.withheld.has(socketId)) this.withheld.set(socketId, exception);
    else this.tell(socketId, exception);
  }

  private tell(socketId: string, exception: Exception): void {
    if (!this.messenger.send(socketId, 'exception', exception)) return;
    this.withheld.set(socketId, undefined);
    setTimeout(() => {
      const last = this.withheld.get(socketId);
      this.withheld.delete(socketId);
      if (last !== undefined) this.tell(socketId, last);
    }, EXCEPTION_INTERVAL_MS).unref();
  }
}
