import type { Accepted, Refusal } from '../protocol/ack.js';
import type { AckRequest } from './ack-request.js';

/** A reply that is large and shared: encoded once for all who are answered with it. */
export class EncodedReply {
  /**
   * Whoever gives `onSent`, which is called once the reply has left this process, bounds by itself
   * what waits: the reply is then not counted against the backlog of the connection.
   */
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
