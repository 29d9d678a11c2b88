import { Injectable } from '@nestjs/common';
import { Authentication } from '../auth/authentication.js';
import { protocolOf } from '../auth/handshake.js';
import { userKeyOf } from '../auth/identity.js';
import { TokenLife } from '../auth/token-life.js';
import { CallRelayService } from '../calls/call-relay.service.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import type { Peer } from '../presence/peer.js';
import { PresenceService } from '../presence/presence.service.js';
import { ClientAddress } from '../rate-limit/client-address.js';
import { RateLimiter } from '../rate-limit/rate-limiter.js';
import { letGoOfRequest } from '../wire/let-go.js';
import { Journal } from './journal.js';
import { Welcome } from './welcome.js';

/** What a connection is to the rest of the service, from its first moment to its last. */
@Injectable()
export class Connections {
  constructor(
    private readonly authentication: Authentication,
    private readonly tokens: TokenLife,
    private readonly presence: PresenceService,
    private readonly calls: CallRelayService,
    private readonly addresses: ClientAddress,
    private readonly limiter: RateLimiter,
    private readonly journal: Journal,
    private readonly welcome: Welcome,
  ) {}

  opened(socket: PeerSocket): void {
    const { userId, tenant, name, expiresAtMs } = this.authentication.identityOf(socket);
    const protocol = protocolOf(socket);
    socket.data.protocol = protocol;
    const source = this.authentication.required
      ? userKeyOf({ tenant, userId })
      : this.addresses.of(socket.request);
    const peer: Peer = { socketId: socket.id, userId, tenant, source, name, protocol };
    this.journal.connected(peer.socketId);
    this.limiter.join(
      peer.socketId,
      this.authentication.required ? { user: source } : { address: source },
    );
    this.presence.join(peer);
    this.welcome.greet(peer);
    letGoOfRequest(socket);
    if (expiresAtMs !== undefined) this.tokens.follow(peer.socketId, expiresAtMs);
  }

  closed({ id, conn }: PeerSocket, reason: string): void {
    conn.close(); // of a peer that said goodbye, and might stay without being one
    this.tokens.forget(id);
    this.calls.leave(id);
    this.presence.leave(id);
    this.limiter.leave(id);
    this.journal.disconnected(id, reason);
  }
}
