import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { HANDSHAKES_BUDGET, HANDSHAKES_PER_SECOND_OWED, HTTP_BUDGET } from './budgets.js';
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

  /**
   * Somebody of this address has gone with so many seconds of his own budget spent, and would
   * otherwise gain by coming back.
   */
  owe(address: string, seconds: number): void {
    this.handshakes.owe(address, seconds * HANDSHAKES_PER_SECOND_OWED);
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
    return this.bucketOf(address, nowMs).take(nowMs) === 0;
  }

  owe(address: string, count: number): void {
    const nowMs = performance.now();
    this.bucketOf(address, nowMs).owe(count, nowMs);
  }

  private bucketOf(address: string, nowMs: number): TokenBucket {
    this.forgetFull(nowMs);
    const known = this.buckets.get(address);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.budget, nowMs);
    this.buckets.set(address, bucket);
    return bucket;
  }

  private forgetFull(nowMs: number): void {
    if (nowMs - this.sweptMs < SWEEP_MS) return;
    this.sweptMs = nowMs;
    for (const [address, bucket] of this.buckets)
      if (bucket.isFull(nowMs)) this.buckets.delete(address);
  }
}
