import type { Accepted, Refusal } from '../protocol/ack.js';
import type { OnlinePeer } from '../protocol/events.js';
import type { AckRequest } from './ack-request.js';
import { SharedText } from './shared-text.js';

/** A reply that is large and shared: encoded once for all who are answered with it. */
export class EncodedReply {
  /**
   * @param text what follows the number of the request, see `encodeReply`
   * @param onSent called once the reply has left this process. Whoever gives it bounds by himself
   * what waits: the reply is then not counted against the backlog of the connection.
   */
  constructor(
    readonly text: SharedText,
    readonly onSent?: () => void,
  ) {}
}

export type Reply = Accepted | Refusal;

export function encodeReply(reply: Accepted<{ users: OnlinePeer[] }>): SharedText {
  return new SharedText(`${JSON.stringify(reply)}]`);
}

/** What stands in front of a reply: 3 = ACK, in the root namespace. */
export function ackPrefix({ id }: AckRequest): `3${string}` {
  return `3${id}[`;
}

export function encodeAck(request: AckRequest, reply: Reply): `3${string}` {
  return `${ackPrefix(request)}${JSON.stringify(reply)}]`;
}
