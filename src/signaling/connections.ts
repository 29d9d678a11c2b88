import { Injectable } from '@nestjs/common';
import { Authentication } from '../auth/authentication.js';
import { CallRelayService } from '../calls/call-relay.service.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import type { Peer } from '../presence/peer.js';
import { PresenceService } from '../presence/presence.service.js';
import { ClientAddress } from '../rate-limit/client-address.js';
import { RateLimiter } from '../rate-limit/rate-limiter.js';
import { Journal } from './journal.js';
import { Welcome } from './welcome.js';

/** What a connection is to the rest of the service, from its first moment to its last. */
@Injectable()
export class Connections {
  constructor(
    private readonly authentication: Authentication,
    private readonly presence: PresenceService,
    private readonly calls: CallRelayService,
    private readonly addresses: ClientAddress,
    private readonly limiter: RateLimiter,
    private readonly journal: Journal,
    private readonly welcome: Welcome,
  ) {}

  opened(socket: PeerSocket): void {
    const peer = this.identify(socket);
    this.journal.connected(peer.socketId);
    this.limiter.join(peer.socketId, this.addresses.of(socket.request));
    this.presence.join(peer);
    if (peer.protocol === 2) this.welcome.greet(peer);
  }

  closed({ id, conn }: PeerSocket, reason: string): void {
    conn.close(); // of a peer that said goodbye, and might stay without being one
    this.calls.leave(id);
    this.presence.leave(id);
    this.limiter.leave(id);
    this.journal.disconnected(id, reason);
  }

  private identify(socket: PeerSocket): Peer {
    const { userId } = this.authentication.identityOf(socket);
    const protocol = socket.handshake.auth.protocol === 2 ? 2 : 1;
    return { socketId: socket.id, userId, protocol };
  }
}
