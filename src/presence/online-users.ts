import { encodeShared } from '../delivery/encoded-event.js';
import type { SharedText } from '../delivery/shared-text.js';
import type { OnlinePeer } from '../protocol/events.js';

/** The registered peers, and the list of them as it goes over the wire, encoded once per change. */
export class OnlineUsers {
  private readonly peers = new Map<string, OnlinePeer>();
  private encoded: SharedText | undefined;

  get count(): number {
    return this.peers.size;
  }

  find(socketId: string): OnlinePeer | undefined {
    return this.peers.get(socketId);
  }

  all(): OnlinePeer[] {
    return [...this.peers.values()];
  }

  set(peer: OnlinePeer): void {
    if (this.peers.get(peer.socketId)?.name !== peer.name) this.encoded = undefined;
    this.peers.set(peer.socketId, peer);
  }

  delete(socketId: string): void {
    if (this.peers.delete(socketId)) this.encoded = undefined;
  }

  asEvent(): SharedText {
    return (this.encoded ??= encodeShared('onlineUsers', this.names()));
  }

  private names(): Record<string, string> {
    return Object.fromEntries(this.all().map(({ socketId, name }) => [socketId, name]));
  }
}
