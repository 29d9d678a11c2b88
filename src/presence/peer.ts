/** A connection as everybody but the emitter knows it. Comes from the handshake, never from a payload. */
export interface Peer {
  readonly socketId: string;
  /** Without authentication every connection is a user of its own. Unique within the tenant. */
  readonly userId: string;
  readonly tenant: string;
  /** From its token, which then counts for good; a peer without one registers under any. */
  readonly name?: string;
  /** 1 is a client of the tutorial: it knows no event of ours, and has one call at a time. */
  readonly protocol: 1 | 2;
}
