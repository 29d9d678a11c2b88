import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import type { Peer } from '../presence/peer.js';
import { PresenceService } from '../presence/presence.service.js';
import type { EndReason } from '../protocol/events.js';
import { SignalingError } from '../protocol/signaling-error.js';
import {
  type Call,
  type CallEvent,
  type CallState,
  type CallStep,
  isParty,
  isRung,
  newRinging,
  nextStep,
  participants,
} from './call.js';
import { CallJournal } from './call-journal.js';
import { CallRegistry } from './call-registry.js';
import { CallTimers } from './call-timers.js';
import { Clock } from './clock.js';

/** Carries out what the table decides: states, timers, and who is told. */
@Injectable()
export class CallControl {
  constructor(
    private readonly settings: Settings,
    private readonly presence: PresenceService,
    private readonly messenger: PeerMessenger,
    private readonly registry: CallRegistry,
    private readonly timers: CallTimers,
    private readonly journal: CallJournal,
    private readonly clock: Clock,
  ) {
    timers.due.subscribe(({ call, deadline }) => {
      this.apply(call, { type: deadline === 'age' ? 'expired' : 'timeout' });
    });
  }

  /** Rings the devices, all of one user. Whatever else a tutorial client had gives way to it. */
  place(caller: Peer, calleeUserId: string, devices: readonly Peer[]): Call {
    this.freeTutorialClient(caller);
    const call: Call = {
      id: randomUUID(),
      tenant: caller.tenant,
      callerUserId: caller.userId,
      callerSource: caller.source,
      calleeUserId,
      startedAt: this.clock.date(),
      startedMs: this.clock.nowMs(),
      acceptedAfterMs: null,
      connectedAfterMs: null,
      state: newRinging(
        caller.socketId,
        devices.map(({ socketId }) => socketId),
      ),
    };
    this.registry.add(call);
    this.timers.start(call, 'age');
    this.timers.start(call, 'ring');
    for (const { socketId } of devices) {
      this.messenger.send(socketId, 'call', {
        from: caller.socketId,
        name: this.presence.nameOf(caller.socketId),
        userId: caller.userId,
        callId: call.id,
        expiresInMs: this.timers.leftMs(call),
      });
    }
    return call;
  }

  /** @throws {SignalingError} what the table refuses; nothing has changed then */
  apply(call: Call, event: CallEvent): CallStep {
    const step = nextStep(call.state, event, this.settings.CALLS_REQUIRED);
    switch (step.does) {
      case 'refuse':
        throw new SignalingError(step.code);
      case 'end':
        this.end(call, step.reason, whoEnds(event));
        break;
      case 'claim':
        this.claim(call, step.state, step.callee);
        break;
      case 'report ringing':
        call.state = step.state;
        this.messenger.send(call.state.caller, 'ringing', {
          callId: call.id,
          socketId: step.device,
        });
        break;
      case 'relay':
        this.enter(call, step.state);
        break;
      case 'stop ringing':
        call.state = step.state;
        break;
      case 'answer again':
      case 'give way':
      case 'nothing':
        break;
    }
    return step;
  }

  /** Takes the ring from the device to make room for another one, and tells both sides. */
  displace(call: Call, device: string): void {
    const step = this.apply(call, { type: 'displaced', from: device });
    // Where it was the last device that rang, the end of the call has told it.
    if (step.does === 'stop ringing') this.tellEnd(device, call, step.reason, undefined);
  }

  /** Ends or leaves whatever the device has to do with. */
  leave(device: string, type: 'leave' | 'shutdown'): void {
    for (const call of [...this.registry.of(device)]) {
      this.apply(call, { type, from: device });
      this.registry.forget(device, call);
    }
  }

  private claim(call: Call, state: CallState, callee: string): void {
    const others = participants(call.state).filter(
      (device) => device !== callee && device !== state.caller,
    );
    this.enter(call, state);
    this.messenger.send(state.caller, 'callAccepted', { callId: call.id, socketId: callee });
    for (const device of others) {
      this.tellEnd(device, call, 'answered_elsewhere', callee);
    }
    const peer = this.presence.find(callee);
    if (peer !== undefined) this.freeTutorialClient(peer, call);
  }

  /** A client of the tutorial has one call at a time: whatever else it has, it has turned away. */
  private freeTutorialClient({ socketId, protocol }: Peer, except?: Call): void {
    if (protocol !== 1) return;
    for (const call of [...this.registry.of(socketId)]) {
      if (call === except) continue;
      if (isParty(call.state, socketId)) this.end(call, 'replaced', socketId);
      else if (isRung(call.state, socketId)) {
        this.apply(call, { type: 'endCall', from: socketId, scope: 'device', proposed: 'busy' });
      }
    }
  }

  private enter(call: Call, state: CallState): void {
    const before = call.state.phase;
    call.state = state;
    if (before === state.phase) return;
    this.timers.stop(call, before === 'ringing' ? 'ring' : 'connect');
    if (before === 'ringing') this.journal.accept(call);
    this.updatePresence(call);
    if (state.phase === 'accepted') this.timers.start(call, 'connect');
    if (state.phase === 'connected') this.journal.connect(call);
  }

  private end(call: Call, reason: EndReason, by: string | undefined): void {
    this.registry.remove(call);
    this.timers.stopAll(call);
    this.updatePresence(call);
    for (const device of participants(call.state)) {
      if (device !== by) this.tellEnd(device, call, reason, by);
    }
    this.journal.end(call, reason);
  }

  private updatePresence({ state }: Call): void {
    if (state.phase === 'ringing') return;
    for (const device of participants(state)) {
      this.presence.setInCall(device, this.registry.isTalking(device));
    }
  }

  private tellEnd(device: string, { id }: Call, reason: EndReason, by: string | undefined): void {
    this.messenger.send(device, 'endCall', { callId: id, socketId: by, reason });
  }
}

/** The client whose doing it was; of what is the server's doing both sides are to be told. */
function whoEnds(event: CallEvent): string | undefined {
  if (!('from' in event) || event.type === 'shutdown' || event.type === 'displaced')
    return undefined;
  return event.from;
}
