import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import type { Peer } from '../presence/peer.js';
import { PresenceService } from '../presence/presence.service.js';
import type {
  AcceptAnswer,
  CallAnswer,
  EndAnswer,
  Relayed,
  SignalEvent,
} from '../protocol/events.js';
import type { AnswerDto } from '../protocol/dto/answer.dto.js';
import type { CallDto } from '../protocol/dto/call.dto.js';
import type { CallIdDto } from '../protocol/dto/call-id.dto.js';
import type { CandidateDto } from '../protocol/dto/candidate.dto.js';
import type { EndCallDto } from '../protocol/dto/end-call.dto.js';
import type { OfferDto } from '../protocol/dto/offer.dto.js';
import {
  CALL_MAX_DEVICES,
  DEVICE_MAX_CALLS,
  DEVICE_MAX_RINGS,
  RELAY_RETRY_MS,
} from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { type Call, counterparts } from './call.js';
import { CallControl } from './call-control.js';
import { CallJournal } from './call-journal.js';
import { CallRegistry } from './call-registry.js';
import { CallTimers } from './call-timers.js';

interface Place {
  readonly device: Peer;
  readonly displaced?: Call;
}

/**
 * What peers do with calls: each method finds the call that a message is about, lets the table
 * decide, and hands on what is to be handed on. Everything here is synchronous: an `await` would let
 * a candidate overtake its offer.
 *
 * @throws {SignalingError} from every method but `leave`
 */
@Injectable()
export class CallRelayService {
  constructor(
    private readonly settings: Settings,
    private readonly presence: PresenceService,
    private readonly messenger: PeerMessenger,
    private readonly registry: CallRegistry,
    private readonly control: CallControl,
    private readonly timers: CallTimers,
    private readonly journal: CallJournal,
  ) {}

  call(from: string, { to = '', toUser }: CallDto): CallAnswer {
    const caller = this.present(from);
    const devices = this.reachable(caller, to, toUser);
    const [first] = devices;
    if (first === undefined) throw this.refused(caller, toUser, 'unavailable');
    if (first.userId === caller.userId) throw new SignalingError('invalid_recipient');
    const live = this.registry.between(caller.tenant, caller.userId, first.userId);
    if (live !== undefined) {
      const tutorial = caller.protocol === 1;
      const step = this.control.apply(live, { type: 'call', from, tutorial });
      if (step.does !== 'give way') return this.answer(live, from);
    }
    this.requireRoomFor(caller, first);
    const places = devices
      .map((device) => this.placeAt(device, caller, live))
      .filter((place) => place !== undefined)
      .slice(0, CALL_MAX_DEVICES);
    if (places.length === 0) throw this.refused(caller, first.userId, 'busy');
    const ready = places.filter(({ device }) => this.messenger.hasRoomFor(device.socketId));
    if (ready.length === 0) throw congested();
    // Only now: a call that is refused changes nothing.
    for (const { device, displaced } of ready) {
      if (displaced !== undefined) this.control.displace(displaced, device.socketId);
    }
    const call = this.control.place(
      caller,
      first.userId,
      ready.map(({ device }) => device),
    );
    return this.answer(call, from);
  }

  ringing(from: string, { callId }: CallIdDto): void {
    this.control.apply(this.own(from, callId), { type: 'ringing', from });
  }

  accept(from: string, { callId }: CallIdDto): AcceptAnswer {
    const call = this.own(from, callId);
    this.control.apply(call, { type: 'accept', from });
    return { callId, socketId: call.state.caller, expiresInMs: this.timers.leftMs(call) };
  }

  relayOffer(from: string, offer: OfferDto): Relayed {
    return this.relay(from, offer, 'offer', (to, stamp) =>
      this.messenger.relay(to, 'offer', { sdp: offer.sdp, ...stamp }),
    );
  }

  relayAnswer(from: string, answer: AnswerDto): Relayed {
    return this.relay(from, answer, 'answer', (to, stamp) =>
      this.messenger.relay(to, 'answer', { sdp: answer.sdp, ...stamp }),
    );
  }

  relayCandidate(from: string, candidate: CandidateDto): Relayed {
    return this.relay(from, candidate, 'candidate', (to, stamp) =>
      this.messenger.relay(to, 'candidate', { candidate: candidate.candidate, ...stamp }),
    );
  }

  endCall(from: string, { to, callId, scope = 'user', reason }: EndCallDto): EndAnswer {
    const call = callId === undefined ? this.callWith(from, to) : this.own(from, callId);
    const step = this.control.apply(call, { type: 'endCall', from, scope, proposed: reason });
    if (step.does !== 'end' && step.does !== 'stop ringing') {
      throw new Error(`endCall cannot lead to: ${step.does}`);
    }
    return { callId: call.id, reason: step.reason };
  }

  /** For a connection that is gone, or that a stopping server is about to close. */
  leave(socketId: string, type: 'leave' | 'shutdown' = 'leave'): void {
    this.control.leave(socketId, type);
  }

  private relay(
    from: string,
    { to = '', callId }: { to?: string; callId?: string }, // one of the two, says the DTO
    type: SignalEvent,
    push: (to: string, stamp: { socketId: string; callId?: string }) => boolean,
  ): Relayed {
    const call = callId === undefined ? this.linking(from, to) : this.own(from, callId);
    if (call === undefined) this.requireNoCall(from, to);
    const recipients = call && callId !== undefined ? counterparts(call.state, from) : [to];
    this.requireRoom(recipients); // before anything changes: who is refused tries the same again
    if (call !== undefined) this.control.apply(call, { type, from });
    const stamp = { socketId: from, callId: call?.id };
    const reached = recipients.filter((recipient) => push(recipient, stamp));
    if (reached.length === 0) throw new SignalingError('unavailable');
    return { callId: call?.id };
  }

  private present(socketId: string): Peer {
    const peer = this.presence.find(socketId);
    if (peer === undefined) throw new Error(`${socketId} sends, but is not connected`);
    return peer;
  }

  private reachable(caller: Peer, to: string, toUser: string | undefined): Peer[] {
    const addressed =
      toUser !== undefined
        ? this.presence.devicesFor(caller, toUser)
        : [this.presence.findFor(caller, to)];
    return addressed
      .filter((peer) => peer !== undefined)
      .filter(({ socketId }) => this.messenger.reaches(socketId));
  }

  /** Where the call may ring, and which ring it displaces there; undefined where it is busy. */
  private placeAt(device: Peer, caller: Peer, givesWay: Call | undefined): Place | undefined {
    const { socketId, protocol } = device;
    const { rings, others } = this.registry.loadOf(socketId, givesWay);
    // A client of the tutorial has one call at a time; being rung is not yet one.
    if (protocol === 1 && others > 0) return undefined;
    const isFull = rings >= DEVICE_MAX_RINGS || rings + others >= DEVICE_MAX_CALLS;
    if (!this.settings.RATE_LIMITS || !isFull) return { device };
    const displaced = this.registry.ringToDisplace(socketId, caller.source);
    return displaced && { device, displaced };
  }

  private requireRoomFor(caller: Peer, { userId }: Peer): void {
    const { rings, others } = this.registry.loadOf(caller.socketId);
    if (!this.settings.RATE_LIMITS || rings + others < DEVICE_MAX_CALLS) return;
    throw this.refused(caller, userId, 'busy', `you are in ${DEVICE_MAX_CALLS} calls already`);
  }

  private refused(
    { tenant, userId }: Peer,
    callee: string | undefined,
    reason: 'unavailable' | 'busy',
    message?: string,
  ): SignalingError {
    this.journal.refuse({ tenant, caller: userId, callee: callee ?? null, reason });
    return new SignalingError(reason, message);
  }

  private requireRoom(recipients: readonly string[]): void {
    for (const recipient of recipients) if (this.messenger.hasRoomFor(recipient)) return;
    throw congested();
  }

  private own(device: string, callId: string): Call {
    const call = this.registry.find(callId, device);
    if (call === undefined) throw new SignalingError('call_not_found');
    return call;
  }

  private linking(from: string, to: string): Call | undefined {
    const sender = this.present(from);
    if (sender.userId === this.presence.findFor(sender, to)?.userId) {
      throw new SignalingError('invalid_recipient');
    }
    return this.registry.linking(from, to);
  }

  /** Outside of calls peers may signal as in the tutorial, but nobody into somebody else's call. */
  private requireNoCall(from: string, to: string): void {
    const { CALLS_REQUIRED } = this.settings;
    if (CALLS_REQUIRED || this.registry.isEngaged(from) || this.registry.isEngaged(to)) {
      throw new SignalingError('not_in_call');
    }
  }

  /** The call with that user, or with that device of theirs. */
  private callWith(device: string, to: string | null | undefined): Call {
    for (const call of this.registry.of(device)) {
      const { state, callerUserId, calleeUserId } = call;
      const user = state.caller === device ? calleeUserId : callerUserId;
      if (user === to || counterparts(state, device).some((other) => other === to)) return call;
    }
    throw new SignalingError('call_not_found');
  }

  private answer(call: Call, device: string): CallAnswer {
    const { id, state } = call;
    return {
      callId: id,
      role: state.caller === device ? 'caller' : 'callee',
      ringing: state.phase === 'ringing' ? state.rung.size : 0,
      expiresInMs: this.timers.leftMs(call),
    };
  }
}

/** It is the sender who waits: the recipient only reads slowly. */
function congested(): SignalingError {
  return new SignalingError('rate_limited', 'too much waits for the recipient', RELAY_RETRY_MS);
}
