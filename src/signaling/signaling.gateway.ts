import { UseFilters, UsePipes } from '@nestjs/common';
import { type OnGatewayDisconnect, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallRelayService } from '../calls/call-relay.service.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { PresenceService } from '../presence/presence.service.js';
import type { Accepted } from '../protocol/ack.js';
import { AnswerDto } from '../protocol/dto/answer.dto.js';
import { CallDto } from '../protocol/dto/call.dto.js';
import { CandidateDto } from '../protocol/dto/candidate.dto.js';
import { EndCallDto } from '../protocol/dto/end-call.dto.js';
import { OfferDto } from '../protocol/dto/offer.dto.js';
import { RegisterDto } from '../protocol/dto/register.dto.js';
import { PayloadPipe } from './payload.pipe.js';
import { RefusalFilter } from './refusal.filter.js';

/** What a client may send. The returned value is the acknowledgement; a thrown error refuses. */
@WebSocketGateway()
@UsePipes(PayloadPipe)
@UseFilters(RefusalFilter)
export class SignalingGateway implements OnGatewayDisconnect {
  constructor(
    private readonly presence: PresenceService,
    private readonly calls: CallRelayService,
  ) {}

  @SubscribeMessage('register')
  register(peer: PeerSocket, { name }: RegisterDto): Accepted<{ name: string }> {
    this.presence.register(peer.id, name);
    return { ok: true, name };
  }

  @SubscribeMessage('getOnlineUsers')
  getOnlineUsers(peer: PeerSocket): Accepted {
    this.presence.sendOnlineUsers(peer.id);
    return { ok: true };
  }

  @SubscribeMessage('call')
  call(peer: PeerSocket, call: CallDto): Accepted {
    this.calls.call(peer.id, call);
    return { ok: true };
  }

  @SubscribeMessage('offer')
  offer(peer: PeerSocket, offer: OfferDto): Accepted {
    this.calls.relayOffer(peer.id, offer);
    return { ok: true };
  }

  @SubscribeMessage('answer')
  answer(peer: PeerSocket, answer: AnswerDto): Accepted {
    this.calls.relayAnswer(peer.id, answer);
    return { ok: true };
  }

  @SubscribeMessage('candidate')
  candidate(peer: PeerSocket, candidate: CandidateDto): Accepted {
    this.calls.relayCandidate(peer.id, candidate);
    return { ok: true };
  }

  @SubscribeMessage('endCall')
  endCall(peer: PeerSocket, end: EndCallDto): Accepted {
    this.calls.endCall(peer.id, end);
    return { ok: true };
  }

  handleDisconnect(peer: PeerSocket): void {
    this.presence.leave(peer.id);
  }
}
