import type { Peer } from './peer.js';

/** Everybody connected of one tenant, registered or not: by connection and by user. */
export class PeerDirectory {
  private readonly bySocket = new Map<string, Peer>();
  private readonly byUser = new Map<string, Set<Peer>>();

  get size(): number {
    return this.bySocket.size;
  }

  ids(): Iterable<string> {
    return this.bySocket.keys();
  }

  add(peer: Peer): void {
    this.bySocket.set(peer.socketId, peer);
    const devices = this.byUser.get(peer.userId);
    if (devices === undefined) this.byUser.set(peer.userId, new Set([peer]));
    else devices.add(peer);
  }

  remove(peer: Peer): void {
    this.bySocket.delete(peer.socketId);
    const devices = this.byUser.get(peer.userId);
    devices?.delete(peer);
    if (devices?.size === 0) this.byUser.delete(peer.userId);
  }

  find(socketId: string): Peer | undefined {
    return this.bySocket.get(socketId);
  }

  devicesOf(userId: string): Peer[] {
    return [...(this.byUser.get(userId) ?? [])];
  }
}
