import { setTimeout } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { CallRelayService } from '../calls/call-relay.service.js';
import { Settings } from '../config/settings.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';

const STEP_MS = 50;
/** What the last connections to be closed get to hear of it. */
const GOODBYE_MS = 500;
const RECONNECT_SPREAD_MS = 1_000;
/** A stop that no signal asked for, as at the end of a test, has no balancer that must notice it. */
const PER_CONNECTION_MS = 50;

/**
 * Empties a stopping server: no new connections, and the open ones closed a few at a time, so that
 * thousands of clients do not reconnect elsewhere in the same instant.
 */
@Injectable()
export class DrainService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(DrainService.name);
  private started = false;

  constructor(
    private readonly settings: Settings,
    private readonly calls: CallRelayService,
    private readonly messenger: PeerMessenger,
  ) {}

  get draining(): boolean {
    return this.started;
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.started = true;
    const ids = this.messenger.connectionIds();
    this.logger.log(`draining ${ids.length} connections`);
    const total = ids.length;
    const startedMs = performance.now();
    const patienceMs = signal === undefined ? total * PER_CONNECTION_MS : Infinity;
    const drainMs = Math.min(this.settings.DRAIN_SECONDS * 1_000, patienceMs);
    while (ids.length > 0) {
      // By the clock, not by counting steps: a timer is always late.
      const passedMs = Math.min(drainMs, performance.now() - startedMs + STEP_MS);
      const due = drainMs === 0 ? total : Math.ceil((total * passedMs) / drainMs);
      const leftMs = Math.round(drainMs - passedMs);
      for (const id of ids.splice(0, due - (total - ids.length))) this.release(id, leftMs);
      if (ids.length > 0) await setTimeout(STEP_MS);
    }
    await this.lastOnesGone();
    this.logger.log('drained');
  }

  /** A client between two polls, or slow to read, is still to be told; then its socket is cut. */
  private async lastOnesGone(): Promise<void> {
    const deadlineMs = performance.now() + GOODBYE_MS;
    while (this.messenger.connectionCount > 0 && performance.now() < deadlineMs) {
      await setTimeout(STEP_MS);
    }
  }

  private release(id: string, leftMs: number): void {
    this.calls.leave(id, 'shutdown');
    // A moment of its own for each: they must not arrive elsewhere in step.
    const reconnectAfterMs = Math.round(Math.random() * Math.min(leftMs, RECONNECT_SPREAD_MS));
    this.messenger.send(id, 'draining', { reconnectAfterMs });
    this.messenger.close(id);
  }
}
