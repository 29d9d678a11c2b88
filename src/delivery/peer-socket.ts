import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import { WebSocket } from 'ws';
import type { ClientEvents, Protocol, ServerEvents } from '../protocol/events.js';
import type { AckRequest } from './ack-request.js';

/** Returns the reply, now or later; undefined once the sender has been answered. */
export type EventHandler = (
  peer: PeerSocket,
  payload: unknown,
  request: AckRequest | undefined,
) => unknown;

interface SocketData {
  /** From the handshake; 1 until it is known. */
  protocol?: Protocol;
  /** By event. */
  handlers?: ReadonlyMap<unknown, EventHandler>;
}

export type SignalingServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
export type PeerSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
/** The Engine.IO connection below a Socket.IO socket. */
export type PeerConnection = PeerSocket['conn'];

/** Engine.IO has no public name for it. Undefined for long-polling. */
export function webSocketOf({ transport }: PeerConnection): WebSocket | undefined {
  const { socket } = transport as { socket?: unknown };
  return socket instanceof WebSocket ? socket : undefined;
}
