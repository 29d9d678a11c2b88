import { Injectable } from '@nestjs/common';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { ArrivalHints } from './arrival-hints.js';
import { ListAnswers } from './list-answers.js';
import { OnlineUsers } from './online-users.js';

/** Who is online, under which name, and who is told. */
@Injectable()
export class PresenceService {
  constructor(
    private readonly users: OnlineUsers,
    private readonly hints: ArrivalHints,
    private readonly lists: ListAnswers,
    private readonly messenger: PeerMessenger,
  ) {}

  /** Registering again renames. Two peers may share a name. */
  register(socketId: string, name: string): void {
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
    this.lists.forget(socketId);
    this.hints.forget(socketId);
    if (this.users.delete(socketId)) this.messenger.announce('userDisconnected', [socketId]);
  }
}
