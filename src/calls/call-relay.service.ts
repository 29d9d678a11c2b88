import { Injectable } from '@nestjs/common';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { PresenceService } from '../presence/presence.service.js';
import type { AnswerDto } from '../protocol/dto/answer.dto.js';
import type { CallDto } from '../protocol/dto/call.dto.js';
import type { CandidateDto } from '../protocol/dto/candidate.dto.js';
import type { EndCallDto } from '../protocol/dto/end-call.dto.js';
import type { OfferDto } from '../protocol/dto/offer.dto.js';
import type { ServerEvent, ServerEvents } from '../protocol/events.js';
import { SignalingError } from '../protocol/signaling-error.js';

/**
 * Hands signaling messages from one peer to another, stamped with who sent them. Everything here is
 * synchronous: an `await` would let a candidate overtake its offer.
 *
 * @throws {SignalingError} `invalid_recipient` or `unavailable`, from every method
 */
@Injectable()
export class CallRelayService {
  constructor(
    private readonly presence: PresenceService,
    private readonly messenger: PeerMessenger,
  ) {}

  call(from: string, { to }: CallDto): void {
    this.relay(from, to, 'call', { from, name: this.presence.nameOf(from) });
  }

  relayOffer(from: string, { to, sdp }: OfferDto): void {
    this.relay(from, to, 'offer', { sdp, socketId: from });
  }

  relayAnswer(from: string, { to, sdp }: AnswerDto): void {
    this.relay(from, to, 'answer', { sdp, socketId: from });
  }

  relayCandidate(from: string, { to, candidate }: CandidateDto): void {
    this.relay(from, to, 'candidate', { candidate, socketId: from });
  }

  /** @throws {SignalingError} `call_not_found` when there is nobody to hang up on */
  endCall(from: string, { to }: EndCallDto): void {
    if (to === null) throw new SignalingError('call_not_found');
    this.relay(from, to, 'endCall', { socketId: from });
  }

  private relay<E extends ServerEvent>(
    from: string,
    to: string,
    event: E,
    ...message: Parameters<ServerEvents[E]>
  ): void {
    if (to === from) throw new SignalingError('invalid_recipient');
    if (!this.messenger.send(to, event, ...message)) throw new SignalingError('unavailable');
  }
}
