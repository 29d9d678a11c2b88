import { Injectable } from '@nestjs/common';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { ArrivalHints } from './arrival-hints.js';
import { ListAnswers } from './list-answers.js';
import { OnlineUsers } from './online-users.js';
import type { Peer } from './peer.js';
import { PeerDirectory } from './peer-directory.js';

/** Who is connected, who of them is online under which name, and who is told. */
@Injectable()
export class PresenceService {
  constructor(
    private readonly directory: PeerDirectory,
    private readonly users: OnlineUsers,
    private readonly hints: ArrivalHints,
    private readonly lists: ListAnswers,
    private readonly messenger: PeerMessenger,
  ) {}

  get registered(): number {
    return this.users.count;
  }

  join(peer: Peer): void {
    this.directory.add(peer);
  }

  find(socketId: string): Peer | undefined {
    return this.directory.find(socketId);
  }

  devicesOf(userId: string): Peer[] {
    return this.directory.devicesOf(userId);
  }

  /** Registering again renames. Two peers may share a name. A peer that left is not brought back. */
  register(socketId: string, name: string): void {
    if (this.directory.find(socketId) === undefined) return;
    this.users.set(socketId, name);
    this.hints.arrived(socketId);
  }

  /** Undefined for a peer that never registered. */
  nameOf(socketId: string): string | undefined {
    return this.users.nameOf(socketId);
  }

  /** The list follows as `onlineUsers`, and shows everything handled before this. */
  sendOnlineUsers(socketId: string): void {
    this.lists.ask(socketId);
  }

  leave(socketId: string): void {
    this.directory.remove(socketId);
    this.lists.forget(socketId);
    this.hints.forget(socketId);
    if (this.users.delete(socketId)) this.messenger.announce('userDisconnected', [socketId]);
  }
}
