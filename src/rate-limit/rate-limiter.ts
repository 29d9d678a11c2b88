import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { SignalingError } from '../protocol/signaling-error.js';
import {
  ADDRESS_BUDGETS,
  BUDGETS,
  CANDIDATES_MAX_CREDIT,
  CANDIDATES_PER_DESCRIPTION,
  type BudgetName,
  budgetOf,
  GRANTS_BUDGET,
  NEWCOMERS_BUDGET,
  REFUSAL_BUDGET,
} from './budgets.js';
import { relayedBytes } from './relayed-bytes.js';
import { TokenBucket } from './token-bucket.js';

const SWEEP_MS = 10_000;

interface Spending {
  /** One, or with authentication as many as the user has. */
  connections: number;
  /** Whose it is: a user, wherever it comes from, or a connection from this address. */
  readonly of: { readonly user: string } | { readonly address: string };
  readonly buckets: Partial<Record<BudgetName, TokenBucket>>;
  refusals: TokenBucket | undefined;
  /** Of descriptions that bring budget for candidates. */
  grants: TokenBucket | undefined;
}

/**
 * What each may still send. With authentication that is a user, with all its devices and also after
 * it reconnects. Without, connections come for free, and a budget for each would only make a flood
 * reconnect: beside them their addresses count.
 */
@Injectable()
export class RateLimiter {
  private readonly connections = new Map<string, Spending>();
  private readonly users = new Map<string, Spending>();
  private readonly addresses = new Map<string, TokenBucket>();
  private sweptMs = -Infinity;

  constructor(private readonly settings: Settings) {}

  join(socketId: string, of: Spending['of']): void {
    const spending = 'user' in of ? this.ofUser(of.user) : newSpending(of);
    spending.connections += 1;
    this.connections.set(socketId, spending);
  }

  leave(socketId: string): void {
    const spending = this.connections.get(socketId);
    if (spending === undefined) return;
    this.connections.delete(socketId);
    spending.connections -= 1;
    if ('user' in spending.of && isIdle(spending, performance.now())) {
      this.users.delete(spending.of.user);
    }
  }

  /** @throws {SignalingError} `rate_limited`, with the time after which there is budget again */
  spend(socketId: string, event: unknown, payload: unknown): void {
    const name = budgetOf(event);
    const spending = this.connections.get(socketId);
    if (!this.settings.RATE_LIMITS || spending === undefined) return;
    const nowMs = performance.now();
    const own = spending.buckets[name];
    const bucket = (spending.buckets[name] ??= new TokenBucket(BUDGETS[name], nowMs));
    refuseFor(bucket.take(nowMs));
    if (name === 'candidates' || name === 'descriptions') {
      const bytes = (spending.buckets.bytes ??= new TokenBucket(BUDGETS.bytes, nowMs));
      refuseFor(bytes.take(nowMs, relayedBytes(payload)));
    }
    if (name === 'descriptions') grantCandidates(spending, nowMs);
    if (!('address' in spending.of)) return;
    const shared = this.ofAddress(name, spending.of.address, own === undefined, nowMs);
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

  private ofUser(user: string): Spending {
    this.forgetFull(performance.now());
    const known = this.users.get(user);
    if (known !== undefined) return known;
    const spending = newSpending({ user });
    this.users.set(user, spending);
    return spending;
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
    for (const [key, spending] of this.users) if (isIdle(spending, nowMs)) this.users.delete(key);
  }
}

function newSpending(of: Spending['of']): Spending {
  return { connections: 0, of, buckets: {}, refusals: undefined, grants: undefined };
}

function grantCandidates(spending: Spending, nowMs: number): void {
  spending.grants ??= new TokenBucket(GRANTS_BUDGET, nowMs);
  if (spending.grants.take(nowMs) > 0) return;
  spending.buckets.candidates ??= new TokenBucket(BUDGETS.candidates, nowMs);
  spending.buckets.candidates.credit(CANDIDATES_PER_DESCRIPTION, CANDIDATES_MAX_CREDIT, nowMs);
}

function isIdle({ connections, buckets, refusals, grants }: Spending, nowMs: number): boolean {
  if (connections > 0 || refusals?.isFull(nowMs) === false) return false;
  if (grants?.isFull(nowMs) === false) return false;
  return Object.values(buckets).every((bucket) => bucket.isFull(nowMs));
}

function refuseFor(retryAfterMs: number): void {
  if (retryAfterMs > 0) throw new SignalingError('rate_limited', undefined, retryAfterMs);
}
