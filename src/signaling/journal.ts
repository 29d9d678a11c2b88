import { Injectable, Logger } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import type { ErrorCode } from '../protocol/signaling-error.js';

export type Outcome = 'ok' | 'refused';

const REPEAT_LOG_INTERVAL_MS = 60_000;
const STRAY_HINT =
  'several nodes behind one address? the balancer has to keep a client on its node';

interface Visit {
  readonly startedMs: number;
  ok: number;
  refused: number;
  floodLoggedMs: number;
}

/** Counts and logs what comes in, at the edge, so that nothing behind it has to. */
@Injectable()
export class Journal {
  private readonly logger = new Logger('Connection');
  private readonly visits = new Map<string, Visit>();
  private readonly cutOffs = new MinuteByMinute();
  private readonly strays = new MinuteByMinute();

  constructor(private readonly metrics: Metrics) {}

  connected(connectionId: string): void {
    const startedMs = performance.now();
    this.visits.set(connectionId, { startedMs, ok: 0, refused: 0, floodLoggedMs: -Infinity });
  }

  /** `event` is undefined for one that there is not: a label must not be a client's to make up. */
  handled(
    connectionId: string,
    event: string | undefined,
    outcome: Outcome,
    startedMs: number,
  ): void {
    this.metrics.handled(event ?? 'unknown', outcome, (performance.now() - startedMs) / 1_000);
    const visit = this.visits.get(connectionId);
    if (visit !== undefined) visit[outcome] += 1;
  }

  refused(connectionId: string, code: ErrorCode): void {
    this.metrics.refused(code);
    const visit = this.visits.get(connectionId);
    if (code !== 'rate_limited' || visit === undefined) return;
    const nowMs = performance.now();
    if (nowMs - visit.floodLoggedMs < REPEAT_LOG_INTERVAL_MS) return;
    visit.floodLoggedMs = nowMs;
    this.logger.warn({ event: 'flood refused', connectionId });
  }

  expelled(connectionId: string): void {
    this.logger.warn({ event: 'connection expelled', connectionId });
  }

  /** For frames, and the connection may be no peer's yet. Whoever comes back for it fills no disk. */
  cutOff(): void {
    this.metrics.refused('rate_limited');
    this.cutOffs.count((count) => {
      this.logger.warn({ event: 'connections cut off', count });
    });
  }

  /** A request of a session that is not here: it ended, or another node has it. */
  strayed(): void {
    this.metrics.strayed();
    this.strays.count((count) => {
      this.logger.warn({ event: 'unknown sessions', count, hint: STRAY_HINT });
    });
  }

  disconnected(connectionId: string, reason: string): void {
    const visit = this.visits.get(connectionId);
    if (visit === undefined) return;
    this.visits.delete(connectionId);
    this.logger.log({
      event: 'connection ended',
      connectionId,
      reason,
      lastedMs: Math.round(performance.now() - visit.startedMs),
      handled: visit.ok,
      refused: visit.refused,
    });
  }
}

/** What many may cause at once is told once a minute, with how often it happened since. */
class MinuteByMinute {
  private untold = 0;
  private toldMs = -Infinity;

  count(tell: (count: number) => void): void {
    this.untold += 1;
    const nowMs = performance.now();
    if (nowMs - this.toldMs < REPEAT_LOG_INTERVAL_MS) return;
    tell(this.untold);
    this.untold = 0;
    this.toldMs = nowMs;
  }
}
