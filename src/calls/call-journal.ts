import { Injectable, Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { EndReason } from '../protocol/events.js';
import type { Call } from './call.js';
import { Clock } from './clock.js';

export interface CallRecord {
  readonly callId: string;
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

/** What remains of a call: one line in the log that anyone could bill from. */
@Injectable()
export class CallJournal {
  /** Every ended call; for those who count. */
  readonly ended = new Subject<CallRecord>();
  private readonly logger = new Logger('Call');

  constructor(private readonly clock: Clock) {}

  end(call: Call, reason: EndReason): void {
    const record: CallRecord = {
      callId: call.id,
      caller: call.callerUserId,
      callee: call.calleeUserId,
      reason,
      startedAt: call.startedAt.toISOString(),
      acceptedAfterMs: call.acceptedAfterMs,
      connectedAfterMs: call.connectedAfterMs,
      endedAfterMs: Math.round(this.clock.nowMs() - call.startedMs),
    };
    this.logger.log({ event: 'call ended', ...record });
    this.ended.next(record);
  }
}
