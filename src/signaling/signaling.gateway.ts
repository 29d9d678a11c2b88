import { UseFilters, UsePipes } from '@nestjs/common';
import {
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { TokenLife } from '../auth/token-life.js';
import { CallRelayService } from '../calls/call-relay.service.js';
import type { EncodedReply } from '../delivery/encoded-reply.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { PresenceService } from '../presence/presence.service.js';
import type { Accepted } from '../protocol/ack.js';
import { AnswerDto } from '../protocol/dto/answer.dto.js';
import { CallDto } from '../protocol/dto/call.dto.js';
import { CallIdDto } from '../protocol/dto/call-id.dto.js';
import { CandidateDto } from '../protocol/dto/candidate.dto.js';
import { EndCallDto } from '../protocol/dto/end-call.dto.js';
import { OfferDto } from '../protocol/dto/offer.dto.js';
import { RefreshTokenDto } from '../protocol/dto/refresh-token.dto.js';
import { RegisterDto } from '../protocol/dto/register.dto.js';
import type { AcceptAnswer, CallAnswer, EndAnswer, Relayed } from '../protocol/events.js';
import { Connections } from './connections.js';
import { PayloadPipe } from './payload.pipe.js';
import { RefusalFilter } from './refusal.filter.js';

/** What a client may send. The returned value is the acknowledgement; a thrown error refuses. */
@WebSocketGateway()
@UsePipes(PayloadPipe)
@UseFilters(RefusalFilter)
export class SignalingGateway implements OnGatewayConnection, OnGatewayDisconnect {
  constructor(
    private readonly presence: PresenceService,
    private readonly calls: CallRelayService,
    private readonly tokens: TokenLife,
    private readonly connections: Connections,
  ) {}

  @SubscribeMessage('register')
  register(peer: PeerSocket, { name }: RegisterDto): Accepted<{ name: string }> {
    return { ok: true, name: this.presence.register(peer.id, name) };
  }

  @SubscribeMessage('getOnlineUsers')
  getOnlineUsers(peer: PeerSocket): Accepted {
    this.presence.sendOnlineUsers(peer.id);
    return { ok: true };
  }

  @SubscribeMessage('call')
  call(peer: PeerSocket, call: CallDto): Accepted<CallAnswer> {
    return { ok: true, ...this.calls.call(peer.id, call) };
  }

  @SubscribeMessage('ringing')
  ringing(peer: PeerSocket, ringing: CallIdDto): Accepted {
    this.calls.ringing(peer.id, ringing);
    return { ok: true };
  }

  @SubscribeMessage('accept')
  accept(peer: PeerSocket, accept: CallIdDto): Accepted<AcceptAnswer> {
    return { ok: true, ...this.calls.accept(peer.id, accept) };
  }

  @SubscribeMessage('offer')
  offer(peer: PeerSocket, offer: OfferDto): Accepted<Relayed> {
    return { ok: true, ...this.calls.relayOffer(peer.id, offer) };
  }

  @SubscribeMessage('answer')
  answer(peer: PeerSocket, answer: AnswerDto): Accepted<Relayed> {
    return { ok: true, ...this.calls.relayAnswer(peer.id, answer) };
  }

  @SubscribeMessage('candidate')
  candidate(peer: PeerSocket, candidate: CandidateDto): Accepted<Relayed> {
    return { ok: true, ...this.calls.relayCandidate(peer.id, candidate) };
  }

  @SubscribeMessage('endCall')
  endCall(peer: PeerSocket, end: EndCallDto): Accepted<EndAnswer> {
    return { ok: true, ...this.calls.endCall(peer.id, end) };
  }

  @SubscribeMessage('watchPresence')
  watchPresence(peer: PeerSocket): EncodedReply {
    return this.presence.watch(peer.id);
  }

  @SubscribeMessage('unwatchPresence')
  unwatchPresence(peer: PeerSocket): Accepted {
    this.presence.unwatch(peer.id);
    return { ok: true };
  }

  @SubscribeMessage('refreshToken')
  async refreshToken(
    peer: PeerSocket,
    { token }: RefreshTokenDto,
  ): Promise<Accepted<{ expiresInMs: number }>> {
    return { ok: true, expiresInMs: await this.tokens.renew(peer.id, token) };
  }

  handleConnection(peer: PeerSocket): void {
    this.connections.opened(peer);
  }

  handleDisconnect(peer: PeerSocket, reason: string): void {
    this.connections.closed(peer, reason);
  }
}
