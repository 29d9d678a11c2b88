import { Injectable, Logger } from '@nestjs/common';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { SignalingError } from '../protocol/signaling-error.js';
import { fetchKeySet } from './fetch-key-set.js';

/** How often a key server is asked. Below the time that a handshake may take. */
@Injectable()
export class KeyServerPace {
  /** A key that was withdrawn is accepted for no longer than this, unless the key server is away. */
  readonly maxAgeMs: number = 600_000;
  /** Tokens with made-up keys must not make us ask again and again. */
  readonly cooldownMs: number = 30_000;
  readonly retryMs: number = 2_000;
  readonly timeoutMs: number = 4_000;
}

/**
 * The keys that a key server publishes. jose fetches them and finds the right one; when to fetch is
 * decided here, since jose would ask a server that is away once for every newcomer, and would give
 * up the keys it knows. No connection ever causes a fetch of its own.
 */
export class RemoteKeys {
  private readonly logger = new Logger('KeyServer');
  private readonly published: ReturnType<typeof createRemoteJWKSet>;
  private loadedMs: number | undefined;
  private failedMs = -Infinity;
  private loading: Promise<boolean> | undefined;
  private away = false;

  constructor(
    url: string,
    private readonly pace: KeyServerPace,
  ) {
    this.published = createRemoteJWKSet(new URL(url), {
      timeoutDuration: pace.timeoutMs,
      cacheMaxAge: Infinity,
      cooldownDuration: Infinity,
      [customFetch]: fetchKeySet,
    });
  }

  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.ageMs() > this.pace.maxAgeMs) {
      const loaded = this.load();
      // While the server is away nobody who has a known key waits for it.
      if (!this.away || this.loadedMs === undefined) await loaded;
    }
    if (this.loadedMs === undefined) throw new SignalingError('service_unavailable');
    try {
      return await this.published(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    // A key of today, or one that never was: who asks too early is to come back.
    const mayAsk = this.loading !== undefined || this.ageMs() > this.pace.cooldownMs;
    if (!mayAsk || !(await this.load())) throw new SignalingError('service_unavailable');
    return this.published(header, token);
  };

  /** Whether the keys are what the server publishes now. Everybody who asks meanwhile shares it. */
  load(): Promise<boolean> {
    if (this.loading === undefined && performance.now() - this.failedMs < this.pace.retryMs) {
      return Promise.resolve(false);
    }
    this.loading ??= this.fetch().finally(() => (this.loading = undefined));
    return this.loading;
  }

  private async fetch(): Promise<boolean> {
    try {
      await this.published.reload();
      this.loadedMs = performance.now();
      if (this.away) this.logger.log({ event: 'key server is back' });
      this.away = false;
    } catch (error) {
      if (!this.away) this.logger.error({ event: 'key server is away', reason: reasonOf(error) });
      this.away = true;
      this.failedMs = performance.now();
    }
    return !this.away;
  }

  private ageMs(): number {
    return this.loadedMs === undefined ? Infinity : performance.now() - this.loadedMs;
  }
}

/** In words that hold no address. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JOSEError) return error.message;
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'unreachable';
}
