import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { HANDSHAKES_BUDGET, HTTP_BUDGET } from './budgets.js';
import { ClientAddress } from './client-address.js';
import { type Budget, TokenBucket } from './token-bucket.js';

const SWEEP_MS = 10_000;

/** What an address may ask for before anything is known of who asks. */
@Injectable()
export class AddressBudgets {
  private readonly requests = new BucketPerAddress(HTTP_BUDGET);
  private readonly handshakes = new BucketPerAddress(HANDSHAKES_BUDGET);

  constructor(
    private readonly settings: Settings,
    private readonly addresses: ClientAddress,
  ) {}

  /** @returns whether there is budget for an HTTP request that belongs to no session */
  takeRequest(request: IncomingMessage): boolean {
    return this.take(this.requests, request);
  }

  /** @returns whether there is budget for a new session */
  takeHandshake(request: IncomingMessage): boolean {
    return this.take(this.handshakes, request);
  }

  private take(buckets: BucketPerAddress, request: IncomingMessage): boolean {
    return !this.settings.RATE_LIMITS || buckets.take(this.addresses.of(request));
  }
}

class BucketPerAddress {
  private readonly buckets = new Map<string, TokenBucket>();
  private sweptMs = performance.now();

  constructor(private readonly budget: Budget) {}

  take(address: string): boolean {
    const nowMs = performance.now();
    this.forgetFull(nowMs);
    const bucket = this.buckets.get(address) ?? new TokenBucket(this.budget, nowMs);
    this.buckets.set(address, bucket);
    return bucket.take(nowMs) === 0;
  }

  private forgetFull(nowMs: number): void {
    if (nowMs - this.sweptMs < SWEEP_MS) return;
    this.sweptMs = nowMs;
    for (const [address, bucket] of this.buckets)
      if (bucket.isFull(nowMs)) this.buckets.delete(address);
  }
}
