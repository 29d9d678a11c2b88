import { Injectable } from '@nestjs/common';
import { LIST_BYTES_PER_SECOND, SNAPSHOT_RETRY_MS } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';

/** How far ahead of the budget who starts to watch may drive it, before nobody can start anew. */
const AHEAD_MAX_MS = 5_000;

/**
 * What all snapshots together may take. Who starts to watch gets his, since without it he has
 * nothing. Who watches already and starts anew has it all from the diffs, and can wait.
 */
@Injectable()
export class SnapshotBudget {
  private spentUntilMs = 0;

  /** @throws {SignalingError} `rate_limited`, for who starts anew while the budget is spent */
  spend(bytes: number, anew: boolean): void {
    const nowMs = performance.now();
    if (anew && this.spentUntilMs > nowMs + SNAPSHOT_RETRY_MS) {
      throw new SignalingError('rate_limited', undefined, SNAPSHOT_RETRY_MS);
    }
    const takesMs = (bytes * 1_000) / LIST_BYTES_PER_SECOND;
    const spentUntilMs = Math.max(this.spentUntilMs, nowMs) + takesMs;
    this.spentUntilMs = Math.min(spentUntilMs, nowMs + AHEAD_MAX_MS);
  }
}
