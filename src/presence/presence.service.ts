import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { EncodedReply } from '../delivery/encoded-reply.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { ListAnswers } from './list-answers.js';
import type { Peer } from './peer.js';
import { SnapshotBudget } from './snapshot-budget.js';
import { Tenant } from './tenant.js';

/**
 * Who is connected, and who of them is online under which name. What a peer asks about others is
 * asked of its own tenant: an id of another one is an unknown id.
 */
@Injectable()
export class PresenceService implements OnApplicationShutdown {
  private readonly tenants = new Map<string, Tenant>();
  private readonly peers = new Map<string, Peer>();
  private readonly talking = new Set<string>();

  constructor(
    private readonly lists: ListAnswers,
    private readonly messenger: PeerMessenger,
    private readonly snapshots: SnapshotBudget,
  ) {}

  get registered(): number {
    let count = 0;
    for (const { users } of this.tenants.values()) count += users.count;
    return count;
  }

  /** Registers it, too, if its token gave it a name. */
  join(peer: Peer): void {
    const tenant = this.tenants.get(peer.tenant) ?? new Tenant(this.messenger, this.snapshots);
    this.tenants.set(peer.tenant, tenant);
    this.peers.set(peer.socketId, peer);
    tenant.peers.add(peer);
    if (peer.name !== undefined) tenant.register(peer, peer.name, false);
  }

  /** For ids that come from the server itself, and not from a peer. */
  find(socketId: string): Peer | undefined {
    return this.peers.get(socketId);
  }

  findFor({ tenant }: Peer, socketId: string): Peer | undefined {
    return this.tenants.get(tenant)?.peers.find(socketId);
  }

  devicesFor({ tenant }: Peer, userId: string): readonly Peer[] {
    return this.tenants.get(tenant)?.peers.devicesOf(userId) ?? [];
  }

  /**
   * Registering again renames. Two peers may share a name. A peer that left is not brought back.
   *
   * @returns the name that counts
   */
  register(socketId: string, name: string): string {
    const peer = this.peers.get(socketId);
    if (peer === undefined) return name;
    if (peer.name !== undefined) return peer.name;
    this.tenantOf(socketId)?.register(peer, name, this.talking.has(socketId));
    return name;
  }

  /** Undefined for a peer that never registered. */
  nameOf(socketId: string): string | undefined {
    return this.tenantOf(socketId)?.users.find(socketId)?.name;
  }

  /** The list follows as `onlineUsers`, and shows everything handled before this. */
  sendOnlineUsers(socketId: string): void {
    const tenant = this.tenantOf(socketId);
    if (tenant !== undefined) this.lists.ask(socketId, tenant.users);
  }

  /**
   * What changes from here on follows as `presenceDiff`, and no more as hints.
   *
   * @returns the acknowledgement, with everybody who is online
   * @throws {SignalingError} `unknown_event` for a client of the tutorial: it would not understand;
   * `rate_limited` for one that asks anew too often
   */
  watch(socketId: string): EncodedReply {
    if (this.peers.get(socketId)?.protocol === 1) {
      throw new SignalingError('unknown_event', 'this event needs protocol 2 in the handshake');
    }
    const tenant = this.tenantOf(socketId);
    if (tenant === undefined) throw new Error(`${socketId} watches, but is not connected`);
    return tenant.watchers.add(socketId);
  }

  unwatch(socketId: string): void {
    this.tenantOf(socketId)?.watchers.remove(socketId);
  }

  setInCall(socketId: string, inCall: boolean): void {
    if (inCall) this.talking.add(socketId);
    else this.talking.delete(socketId);
    this.tenantOf(socketId)?.setInCall(socketId, inCall);
  }

  leave(socketId: string): void {
    const peer = this.peers.get(socketId);
    const tenant = this.tenantOf(socketId);
    if (peer === undefined || tenant === undefined) return;
    this.peers.delete(socketId);
    this.talking.delete(socketId);
    this.lists.forget(socketId);
    tenant.leave(peer);
    if (tenant.peers.size > 0) return;
    tenant.close();
    this.tenants.delete(peer.tenant);
  }

  onApplicationShutdown(): void {
    for (const tenant of this.tenants.values()) tenant.close();
  }

  private tenantOf(socketId: string): Tenant | undefined {
    const peer = this.peers.get(socketId);
    return peer && this.tenants.get(peer.tenant);
  }
}
