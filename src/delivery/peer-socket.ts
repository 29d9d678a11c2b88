import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { ClientEvents, ServerEvents } from '../protocol/events.js';

export type SignalingServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, object>;
export type PeerSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, object>;
/** The Engine.IO connection below a Socket.IO socket. */
export type PeerConnection = PeerSocket['conn'];
