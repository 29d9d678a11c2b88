import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { ClientEvents, Protocol, ServerEvents } from '../protocol/events.js';

interface SocketData {
  /** From the handshake; 1 until it is known. */
  protocol?: Protocol;
}

export type SignalingServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
export type PeerSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
/** The Engine.IO connection below a Socket.IO socket. */
export type PeerConnection = PeerSocket['conn'];
