import type { PeerMessenger } from '../delivery/peer-messenger.js';
import { Announcements } from './announcements.js';
import { ArrivalHints } from './arrival-hints.js';
import { OnlineUsers } from './online-users.js';
import type { Peer } from './peer.js';
import { PeerDirectory } from './peer-directory.js';
import type { SnapshotBudget } from './snapshot-budget.js';
import { Watchers } from './watchers.js';

/**
 * The peers of one tenant: who is connected, who of them is online under which name, and who is
 * told. Nothing in here leads to the peers of another tenant.
 */
export class Tenant {
  readonly peers = new PeerDirectory();
  readonly users = new OnlineUsers();
  readonly watchers: Watchers;
  private readonly announcements: Announcements;
  private readonly hints: ArrivalHints;

  constructor(messenger: PeerMessenger, snapshots: SnapshotBudget) {
    this.watchers = new Watchers(this.users, messenger, snapshots);
    this.announcements = new Announcements(
      messenger,
      () => this.peers.ids(),
      (id) => !this.watchers.has(id),
    );
    this.hints = new ArrivalHints(this.announcements);
  }

  /** Registering again renames. */
  register({ socketId, userId }: Peer, name: string, inCall: boolean): void {
    const before = this.users.find(socketId);
    this.users.set({ socketId, userId, name, inCall });
    this.watchers.changed(socketId, before);
    this.hints.arrived(socketId);
  }

  setInCall(socketId: string, inCall: boolean): void {
    const before = this.users.find(socketId);
    if (before === undefined || before.inCall === inCall) return;
    this.users.set({ ...before, inCall });
    this.watchers.changed(socketId, before);
  }

  leave(peer: Peer): void {
    const { socketId } = peer;
    const before = this.users.find(socketId);
    this.peers.remove(peer);
    this.watchers.forget(socketId);
    this.hints.forget(socketId);
    if (before === undefined) return;
    this.users.delete(socketId);
    this.watchers.changed(socketId, before);
    this.announcements.announce('userDisconnected', [socketId]);
  }

  close(): void {
    this.hints.close();
    this.watchers.close();
  }
}
