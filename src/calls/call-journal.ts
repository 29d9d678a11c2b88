import { Injectable, Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { EndReason } from '../protocol/events.js';
import type { Call } from './call.js';
import { Clock } from './clock.js';

export interface CallRecord {
  readonly callId: string;
  /** Empty without authentication. */
  readonly tenant: string;
  /** User ids. */
  readonly caller: string;
  readonly callee: string;
  readonly reason: EndReason;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Milliseconds after the start; null for what never came. */
  readonly acceptedAfterMs: number | null;
  readonly connectedAfterMs: number | null;
  readonly endedAfterMs: number;
}

/** A call that never rang anybody. */
export interface RefusedCall {
  readonly tenant: string;
  readonly caller: string;
  /** Null for a socket id that nobody has. */
  readonly callee: string | null;
  readonly reason: 'unavailable' | 'busy';
}

/** What remains of a call: one line in the log that anyone could bill from. */
@Injectable()
export class CallJournal {
  // For those who count.
  readonly ended = new Subject<CallRecord>();
  /** Milliseconds from the first ring. */
  readonly accepted = new Subject<number>();
  /** Milliseconds from being accepted. */
  readonly connected = new Subject<number>();
  private readonly logger = new Logger('Call');

  constructor(private readonly clock: Clock) {}

  accept(call: Call): void {
    call.acceptedAfterMs = this.sinceStartMs(call);
    this.accepted.next(call.acceptedAfterMs);
  }

  connect(call: Call): void {
    call.connectedAfterMs = this.sinceStartMs(call);
    this.connected.next(call.connectedAfterMs - (call.acceptedAfterMs ?? 0));
  }

  end(call: Call, reason: EndReason): void {
    const record: CallRecord = {
      callId: call.id,
      tenant: call.tenant,
      caller: call.callerUserId,
      callee: call.calleeUserId,
      reason,
      startedAt: call.startedAt.toISOString(),
      acceptedAfterMs: call.acceptedAfterMs,
      connectedAfterMs: call.connectedAfterMs,
      endedAfterMs: this.sinceStartMs(call),
    };
    this.logger.log({ event: 'call ended', ...record });
    this.ended.next(record);
  }

  /** The caller's budget of calls bounds how often. */
  refuse(refused: RefusedCall): void {
    this.logger.log({ event: 'call refused', ...refused });
  }

  private sinceStartMs({ startedMs }: Call): number {
    return Math.round(this.clock.nowMs() - startedMs);
  }
}
