import type { ErrorCode } from './signaling-error.js';

export interface Refusal {
  ok: false;
  error: { code: ErrorCode; message: string; retryAfterMs?: number };
}

/**
 * `ok: true` on a relayed message says that the recipient's connection was known when the message
 * was handed over. It does not say that the message arrived.
 */
export type Accepted<Result extends object = object> = { ok: true } & Result;

/** The optional last argument of every client event; called exactly once. */
export type Ack<Result extends object = object> = (reply: Accepted<Result> | Refusal) => void;
