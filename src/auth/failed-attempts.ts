import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ClientAddress } from '../rate-limit/client-address.js';

const FAILURES = { points: 10, duration: 30 * 60 };
const DELAY_MS = 1_000;

/** Slows down those who try tokens, and nobody else: an address may be a whole company. */
@Injectable()
export class FailedAttempts {
  private readonly counts = new RateLimiterMemory(FAILURES);

  constructor(private readonly addresses: ClientAddress) {}

  /** Counts a failure, and resolves when it may be answered. */
  async add(request: IncomingMessage): Promise<void> {
    const { consumedPoints } = await this.counts.penalty(slotOf(this.addresses.of(request)));
    if (consumedPoints > FAILURES.points) await setTimeout(DELAY_MS);
  }
}

/**
 * One of 65,536, which take 35 MB at most: half a kilobyte for each of the addresses that somebody
 * with a large IPv6 network has would be too much. Who shares a slot fails a second late, no more.
 */
function slotOf(address: string): number {
  return createHash('sha256').update(address).digest().readUInt16BE();
}
