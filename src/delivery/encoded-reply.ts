import type { Accepted, Refusal } from '../protocol/ack.js';
import type { AckRequest } from './ack-request.js';

/**
 * A reply that is large and shared: encoded once for all who are answered with it, and not counted
 * against the backlog of any of them. Whoever returns it from a handler sees to it that at most one
 * waits unsent for a client; `onSent` is called once it has left this process.
 */
export class EncodedReply {
  constructor(
    readonly json: string,
    readonly onSent?: () => void,
  ) {}
}

export type Reply = Accepted | Refusal | EncodedReply;

export function encodeAck({ id }: AckRequest, reply: Reply): `3${string}` {
  const json = reply instanceof EncodedReply ? reply.json : JSON.stringify(reply);
  return `3${id}[${json}]`; // 3 = ACK, in the root namespace
}
