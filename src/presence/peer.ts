import type { Protocol } from '../protocol/events.js';

/** A connection as everybody but the emitter knows it. Comes from the handshake, never from a payload. */
export interface Peer {
  readonly socketId: string;
  /** Without authentication every connection is a user of its own. Unique within the tenant. */
  readonly userId: string;
  readonly tenant: string;
  /** Whose share of a bounded thing it takes: its user's, or without authentication its address's. */
  readonly source: string;
  /** From its token, which then counts for good; a peer without one registers under any. */
  readonly name?: string;
  /** A client of the tutorial has one call at a time. */
  readonly protocol: Protocol;
}
