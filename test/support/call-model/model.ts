import {
  AGE_MS,
  CallBook,
  type Device,
  MAX_RINGS,
  type ModelCall,
  type Payload,
  RING_MS,
  type Told,
} from './book.js';

export type SendEvent =
  'call' | 'ringing' | 'accept' | 'offer' | 'answer' | 'candidate' | 'endCall';

class Refused extends Error {}

/**
 * What PROTOCOL.md says about calls, written from its words and not from our code: who is answered
 * what, and who is told what, when one message is handled after the other. Devices, users and calls
 * are names here; calls are named in the order in which they were placed.
 */
export class CallModel extends CallBook {
  constructor(
    private readonly callsRequired: boolean,
    private readonly ringSlots: boolean,
  ) {
    super();
  }

  sends(from: Device, event: SendEvent, payload: Payload): { reply: Payload; told: Told[] } {
    this.told = [];
    try {
      const result = this.handle(from, event, payload);
      this.rows.add(`${event}: ${outcomeOf(result)}`);
      return { reply: { ok: true, ...result }, told: this.told };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.rows.add(`${event}: ${error.message}`);
      return { reply: { ok: false, code: error.message }, told: this.told };
    }
  }

  private handle(from: Device, event: SendEvent, payload: Payload): Payload {
    switch (event) {
      case 'call':
        return this.call(from, payload);
      case 'ringing':
        return this.ringing(from, this.own(from, payload.callId));
      case 'accept': {
        const call = this.own(from, payload.callId);
        const part = this.look('accept', call, from);
        if (part === 'rung') this.claim(call, from, 'accepted');
        else if (part !== 'callee') refuse('call_conflict');
        return { callId: call.id, socketId: call.caller, expiresInMs: this.leftMs(call) };
      }
      case 'endCall':
        return this.endCall(from, payload);
      case 'offer':
      case 'answer':
      case 'candidate':
        return this.signal(from, event, payload);
    }
  }

  private call(from: Device, { to, toUser }: Payload): Payload {
    const me = this.about(from);
    const addressed = [...this.devices].filter(
      ([device, { user }]) => device === to || user === toUser,
    );
    const [them] = addressed.map(([, about]) => about);
    if (them === undefined) return refuse('unavailable');
    if (them.user === me.user) return refuse('invalid_recipient');
    const running = this.live.find(
      ({ users }) => users.includes(me.user) && users.includes(them.user),
    );
    if (running !== undefined) {
      const part = this.look('call', running, from);
      if (part === undefined || part === 'lost') refuse('call_conflict');
      if (running.stage === 'ringing' && part === 'rung') this.claim(running, from, 'accepted');
      else if (running.stage === 'connected' && !me.tutorial) refuse('call_conflict');
      if (running.stage !== 'connected') return this.answer(running, from);
    }
    const free = addressed.filter(
      ([device, about]) =>
        (!about.tutorial || this.occupying(device, running).length === 0) &&
        (!this.isFull(device) || this.givesWay(device, me.source) !== undefined),
    );
    if (free.length === 0) refuse('busy');
    for (const [device] of free) if (this.isFull(device)) this.displaceAt(device, me.source);
    if (running !== undefined) this.end(running, 'replaced', from);
    if (me.tutorial) this.dropOthers(from);
    const call: ModelCall = {
      id: `call ${this.calls.length}`,
      caller: from,
      users: [me.user, them.user],
      source: me.source,
      stage: 'ringing',
      parts: new Map([[from, 'caller'], ...free.map(([device]) => [device, 'rung'] as const)]),
      reported: new Set(),
      offeredTo: new Set(),
      ringUntilMs: this.nowMs + RING_MS,
      connectUntilMs: Infinity,
      ageUntilMs: this.nowMs + AGE_MS,
    };
    this.calls.push(call);
    const invitation = { from, userId: me.user, callId: call.id, expiresInMs: RING_MS };
    for (const [device] of free) {
      this.tell(
        device,
        'call',
        me.name === undefined ? invitation : { ...invitation, name: me.name },
      );
    }
    return this.answer(call, from);
  }

  private isFull(device: Device): boolean {
    return this.ringSlots && this.ringsAt(device).length >= MAX_RINGS;
  }

  /** Where a device can be full of one source, users have one device: its ring is the whole call. */
  private displaceAt(device: Device, source: string): void {
    const call = this.givesWay(device, source);
    if (call === undefined) return;
    this.rows.add('call: displaces a ring');
    this.end(call, 'busy');
  }

  private ringing(from: Device, call: ModelCall): Payload {
    if (this.look('ringing', call, from) !== 'rung') refuse('call_conflict');
    if (!call.reported.has(from) && !this.about(call.caller).tutorial) {
      this.tell(call.caller, 'ringing', { callId: call.id, socketId: from });
    }
    call.reported.add(from);
    return {};
  }

  private signal(
    from: Device,
    event: 'offer' | 'answer' | 'candidate',
    { to, callId, ...body }: Payload,
  ): Payload {
    const call = callId === undefined ? this.towards(from, to) : this.own(from, callId);
    if (call === undefined) {
      this.requireFree(from, to);
      this.tell(String(to), event, { ...body, socketId: from });
      return {};
    }
    const part = this.look(event, call, from);
    const recipients = callId === undefined ? [String(to)] : this.others(call, from);
    if (part === 'lost') refuse('call_conflict');
    if (part === 'rung') {
      if (event === 'offer') this.claim(call, from, 'accepted');
      if (event === 'answer') {
        if (!call.offeredTo.has(from)) refuse('call_conflict');
        this.claim(call, from, 'connected');
      }
    } else if (call.stage === 'ringing') {
      if (this.callsRequired) refuse('call_conflict');
      if (event === 'offer') recipients.forEach((device) => call.offeredTo.add(device));
    } else if (event === 'answer') {
      call.stage = 'connected';
    }
    for (const device of recipients) {
      this.tell(device, event, { ...body, socketId: from, callId: call.id });
    }
    return { callId: call.id };
  }

  private endCall(from: Device, { to, callId, scope, reason }: Payload): Payload {
    const call =
      callId === undefined
        ? this.live.find(
            (each) =>
              (each.parts.has(from) && this.otherUser(each, from) === to) ||
              this.others(each, from).some((device) => device === to),
          )
        : this.own(from, callId);
    if (call === undefined) return refuse('call_not_found');
    const part = this.look('endCall', call, from);
    if (part === 'lost') refuse('call_conflict');
    let outcome = reason === 'failed' ? 'failed' : 'hangup';
    if (call.stage === 'ringing' && part === 'caller') outcome = 'cancelled';
    if (part === 'rung') outcome = reason === 'busy' ? 'busy' : 'declined';
    if (part === 'rung' && scope === 'device') this.stopRinging(call, from, outcome);
    else this.end(call, outcome, from);
    return { callId: call.id, reason: outcome };
  }

  private otherUser({ users }: ModelCall, device: Device): string | undefined {
    return users.find((user) => user !== this.about(device).user);
  }

  /** Relay rule, for two who have no call with each other. */
  private requireFree(from: Device, to: unknown): void {
    if (this.callsRequired) refuse('not_in_call');
    for (const { parts } of this.live) {
      const engaged = [from, String(to)].map((device) => parts.get(device));
      if (engaged.some((part) => part !== undefined && part !== 'lost')) refuse('not_in_call');
    }
    if (!this.devices.has(String(to))) refuse('unavailable');
  }

  /** The live call in which a message from one is for the other. */
  private towards(from: Device, to: unknown): ModelCall | undefined {
    if (this.devices.get(String(to))?.user === this.about(from).user) refuse('invalid_recipient');
    return this.live.find((call) => this.others(call, from).some((device) => device === to));
  }

  private own(device: Device, callId: unknown): ModelCall {
    const call = this.live.find(({ id, parts }) => id === callId && parts.has(device));
    return call ?? refuse('call_not_found');
  }

  private answer(call: ModelCall, device: Device): Payload {
    return {
      callId: call.id,
      role: call.caller === device ? 'caller' : 'callee',
      ringing: [...call.parts.values()].filter((part) => part === 'rung').length,
      expiresInMs: this.leftMs(call),
    };
  }
}

function outcomeOf({ role, reason }: Payload): string {
  if (typeof role === 'string') return role;
  return typeof reason === 'string' ? reason : 'ok';
}

function refuse(code: string): never {
  throw new Refused(code);
}
