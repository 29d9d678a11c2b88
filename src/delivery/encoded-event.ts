import type { ServerEvent, ServerEvents } from '../protocol/events.js';

/** A Socket.IO packet, encoded once for all the connections that it goes to. */
export type EncodedEvent = `2${string}`;

export function encodeEvent<E extends ServerEvent>(
  event: E,
  ...args: Parameters<ServerEvents[E]>
): EncodedEvent {
  return `2${JSON.stringify([event, ...args])}`; // 2 = EVENT, in the root namespace
}
