import type { Peer } from './peer.js';

/** Everybody connected of one tenant, registered or not: by connection and by user. */
export class PeerDirectory {
  private readonly bySocket = new Map<string, Peer>();
  private readonly byUser = new Map<string, readonly Peer[]>();

  get size(): number {
    return this.bySocket.size;
  }

  ids(): Iterable<string> {
    return this.bySocket.keys();
  }

  add(peer: Peer): void {
    this.bySocket.set(peer.socketId, peer);
    this.byUser.set(peer.userId, [...this.devicesOf(peer.userId), peer]);
  }

  remove(peer: Peer): void {
    this.bySocket.delete(peer.socketId);
    const others = this.devicesOf(peer.userId).filter((device) => device !== peer);
    if (others.length === 0) this.byUser.delete(peer.userId);
    else this.byUser.set(peer.userId, others);
  }

  find(socketId: string): Peer | undefined {
    return this.bySocket.get(socketId);
  }

  devicesOf(userId: string): readonly Peer[] {
    return this.byUser.get(userId) ?? [];
  }
}
