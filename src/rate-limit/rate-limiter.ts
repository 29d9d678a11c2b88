import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { SignalingError } from '../protocol/signaling-error.js';
import {
  ADDRESS_BUDGETS,
  BUDGETS,
  type BudgetName,
  budgetOf,
  NEWCOMERS_BUDGET,
  REFUSAL_BUDGET,
} from './budgets.js';
import { TokenBucket } from './token-bucket.js';

const SWEEP_MS = 10_000;

interface Spending {
  readonly address: string;
  readonly buckets: Map<BudgetName, TokenBucket>;
  refusals: TokenBucket | undefined;
}

/**
 * What each connection may still send, and each address beside it, where connections come for free
 * and a budget of their own would only make a flood reconnect.
 */
@Injectable()
export class RateLimiter {
  private readonly connections = new Map<string, Spending>();
  private readonly addresses = new Map<string, TokenBucket>();
  private sweptMs = -Infinity;

  constructor(private readonly settings: Settings) {}

  join(socketId: string, address: string): void {
    this.connections.set(socketId, { address, buckets: new Map(), refusals: undefined });
  }

  leave(socketId: string): void {
    this.connections.delete(socketId);
  }

  /** @throws {SignalingError} `rate_limited`, with the time after which there is budget again */
  spend(socketId: string, event: unknown): void {
    const name = budgetOf(event);
    const spending = this.connections.get(socketId);
    if (!this.settings.RATE_LIMITS || name === 'free' || spending === undefined) return;
    const nowMs = performance.now();
    const own = spending.buckets.get(name);
    const bucket = own ?? new TokenBucket(BUDGETS[name], nowMs);
    if (own === undefined) spending.buckets.set(name, bucket);
    refuseFor(bucket.take(nowMs));
    const shared = this.ofAddress(name, spending.address, own === undefined, nowMs);
    refuseFor(shared?.take(nowMs) ?? 0);
  }

  /** @returns whether this connection is refused so often that it is not mistaken but hostile */
  isAbusive(socketId: string): boolean {
    const spending = this.connections.get(socketId);
    if (!this.settings.RATE_LIMITS || spending === undefined) return false;
    const nowMs = performance.now();
    spending.refusals ??= new TokenBucket(REFUSAL_BUDGET, nowMs);
    return spending.refusals.take(nowMs) > 0;
  }

  private ofAddress(
    name: BudgetName,
    address: string,
    first: boolean,
    nowMs: number,
  ): TokenBucket | undefined {
    const each = ADDRESS_BUDGETS[name];
    if (each === undefined) return undefined;
    this.forgetFull(nowMs);
    const key = `${name} ${first ? 'first' : 'further'} ${address}`;
    const known = this.addresses.get(key);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(first ? NEWCOMERS_BUDGET : each, nowMs);
    this.addresses.set(key, bucket);
    return bucket;
  }

  private forgetFull(nowMs: number): void {
    if (nowMs - this.sweptMs < SWEEP_MS) return;
    this.sweptMs = nowMs;
    for (const [key, bucket] of this.addresses)
      if (bucket.isFull(nowMs)) this.addresses.delete(key);
  }
}

function refuseFor(retryAfterMs: number): void {
  if (retryAfterMs > 0) throw new SignalingError('rate_limited', undefined, retryAfterMs);
}
