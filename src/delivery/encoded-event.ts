import { PROTOCOL_OF, type ServerEvent, type ServerEvents } from '../protocol/events.js';
import { SharedText } from './shared-text.js';

/**
 * A Socket.IO packet as it goes over the wire. Encoded here and not by `socket.emit`, once for all
 * the connections that it goes to, and without the walk through the payload in search of binaries.
 */
export type EncodedEvent = `2${string}`;

export function encodeEvent<E extends ServerEvent>(
  event: E,
  ...args: Parameters<ServerEvents[E]>
): EncodedEvent {
  return `2${JSON.stringify([event, ...args])}`; // 2 = EVENT, in the root namespace
}

/** For what goes to many. */
export function encodeShared<E extends ServerEvent>(
  event: E,
  ...args: Parameters<ServerEvents[E]>
): SharedText {
  return new SharedText(encodeEvent(event, ...args), PROTOCOL_OF[event]);
}
