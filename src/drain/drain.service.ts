import { setTimeout } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { CallRelayService } from '../calls/call-relay.service.js';
import { Settings } from '../config/settings.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { PresenceService } from '../presence/presence.service.js';

const STEP_MS = 50;

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
    private readonly presence: PresenceService,
    private readonly calls: CallRelayService,
    private readonly messenger: PeerMessenger,
  ) {}

  get draining(): boolean {
    return this.started;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.started = true;
    const ids = this.messenger.connectionIds();
    this.logger.log(`draining ${ids.length} connections`);
    const deadlineMs = performance.now() + this.settings.DRAIN_SECONDS * 1_000;
    const steps = Math.max(1, Math.floor((this.settings.DRAIN_SECONDS * 1_000) / STEP_MS));
    const share = Math.ceil(ids.length / steps);
    while (ids.length > 0) {
      const leftMs = Math.max(0, Math.round(deadlineMs - performance.now()));
      for (const id of ids.splice(0, share)) this.release(id, leftMs);
      if (ids.length > 0) await setTimeout(STEP_MS);
    }
    this.logger.log('drained');
  }

  private release(id: string, reconnectAfterMs: number): void {
    this.calls.leave(id, 'shutdown');
    if (this.presence.find(id)?.protocol === 2) {
      this.messenger.send(id, 'draining', { reconnectAfterMs });
    }
    this.messenger.close(id);
  }
}
