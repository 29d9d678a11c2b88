import type { OnlinePeer, PresenceDiff } from '../../src/protocol/events.js';
import { eventually } from './eventually.js';
import type { Peer } from './peer.js';

/** What a page would keep: the snapshot, and every diff applied to it. */
export class Watcher {
  readonly users: Map<string, OnlinePeer>;
  /** What no server should send: news of peers that it never mentioned, or that are there already. */
  readonly surprises: string[] = [];

  private constructor(snapshot: OnlinePeer[]) {
    this.users = new Map(snapshot.map((peer) => [peer.socketId, peer]));
  }

  static async start({ socket }: Peer): Promise<Watcher> {
    return new Promise((resolve, reject) => {
      socket.emit('watchPresence', (reply) => {
        if (!reply.ok) {
          reject(new Error(reply.error.message));
          return;
        }
        // In the acknowledgement itself: the first diff may be in the same packet of a poll.
        const watcher = new Watcher(reply.users);
        socket.off('presenceDiff').on('presenceDiff', (diff) => watcher.apply(diff));
        resolve(watcher);
      });
    });
  }

  async sees({ id }: Peer, name: string, inCall = false): Promise<void> {
    await eventually(() => {
      const seen = this.users.get(id);
      if (seen?.name === name && seen.inCall === inCall) return;
      throw new Error(`wanted ${name}, in call: ${inCall}; saw ${JSON.stringify(seen)}`);
    });
  }

  async misses(id: string): Promise<void> {
    await eventually(() => {
      if (this.users.has(id)) throw new Error(`still sees ${id}`);
    });
  }

  private apply({ joined, left, changed }: PresenceDiff): void {
    for (const peer of joined) {
      if (this.users.has(peer.socketId)) this.surprises.push(`${peer.socketId} joined again`);
      this.users.set(peer.socketId, peer);
    }
    for (const { socketId } of left) {
      if (!this.users.delete(socketId)) this.surprises.push(`${socketId} left without having come`);
    }
    for (const peer of changed) {
      if (!this.users.has(peer.socketId)) this.surprises.push(`${peer.socketId} changed unseen`);
      this.users.set(peer.socketId, peer);
    }
  }
}
