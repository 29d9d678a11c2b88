import type { PeerSocket } from '../delivery/peer-socket.js';
import type { Peer } from '../presence/peer.js';

export function identify({ id, handshake }: PeerSocket): Peer {
  return { socketId: id, userId: id, protocol: handshake.auth.protocol === 2 ? 2 : 1 };
}
