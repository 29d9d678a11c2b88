import { IncomingMessage } from 'node:http';
import { Socket as TcpSocket } from 'node:net';
import type { PeerSocket } from '../delivery/peer-socket.js';

/** In the place of what was let go of, for whoever looks there all the same. */
const request = new IncomingMessage(new TcpSocket());
const handshake = { headers: {}, auth: {}, query: {}, url: '', time: '', issued: 0 };

/**
 * Lets go of the request that a connection began with, and of what Socket.IO has made of it: two
 * kilobytes that would stay for as long as it is open. To be called once nothing more is to be read
 * from them.
 */
export function letGoOfRequest(peer: PeerSocket): void {
  Object.assign(peer.conn, { request });
  Object.assign(peer, { handshake });
}

/** What Engine.IO has in the place of a response to an upgrade is kept as long as the connection. */
export function letGoOfResponse(response: { req?: unknown }): void {
  response.req = undefined;
}
