import { Injectable } from '@nestjs/common';
import type { Peer } from './peer.js';

/** Everybody connected, registered or not: by connection and by user. */
@Injectable()
export class PeerDirectory {
  private readonly bySocket = new Map<string, Peer>();
  private readonly byUser = new Map<string, Set<Peer>>();

  add(peer: Peer): void {
    this.bySocket.set(peer.socketId, peer);
    const devices = this.byUser.get(peer.userId);
    if (devices === undefined) this.byUser.set(peer.userId, new Set([peer]));
    else devices.add(peer);
  }

  remove(socketId: string): void {
    const peer = this.bySocket.get(socketId);
    if (peer === undefined) return;
    this.bySocket.delete(socketId);
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
