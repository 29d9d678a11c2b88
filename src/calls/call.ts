import type { EndReason } from '../protocol/events.js';
import type { ErrorCode } from '../protocol/signaling-error.js';

/** A connection, by its socket id. */
type Device = string;

export type CallState =
  | {
      readonly phase: 'ringing';
      readonly caller: Device;
      readonly rung: ReadonlySet<Device>;
      /** Those of the rung devices that said so. */
      readonly reported: ReadonlySet<Device>;
      /** Rung devices that declined for themselves alone. */
      readonly lost: ReadonlySet<Device>;
      /** Whether the caller offered without waiting for the callee, as open mode lets it. */
      readonly offeredEarly: boolean;
    }
  | {
      readonly phase: 'accepted' | 'connected';
      readonly caller: Device;
      readonly callee: Device;
      /** Devices that were rung and did not get the call. */
      readonly lost: ReadonlySet<Device>;
    };

type Ringing = Extract<CallState, { phase: 'ringing' }>;
type Claimed = Exclude<CallState, { phase: 'ringing' }>;

export type CallEvent =
  | { readonly type: 'call'; readonly from: Device; readonly tutorial: boolean }
  | {
      readonly type:
        | 'ringing'
        | 'accept'
        | 'offer'
        | 'answer'
        | 'candidate'
        | 'leave'
        /** The ring at this device gives way to another one. */
        | 'displaced'
        /** The server closes the connection, because it stops. */
        | 'shutdown';
      readonly from: Device;
    }
  | {
      readonly type: 'endCall';
      readonly from: Device;
      readonly scope: 'user' | 'device';
      readonly proposed: 'busy' | 'failed' | undefined;
    }
  | { readonly type: 'timeout' | 'expired' };

export type CallStep =
  | { readonly does: 'refuse'; readonly code: ErrorCode }
  | { readonly does: 'nothing' }
  | { readonly does: 'answer again' }
  | { readonly does: 'report ringing'; readonly state: CallState; readonly device: Device }
  | { readonly does: 'relay'; readonly state: CallState }
  /** One rung device got the call. Its message, if it was one for the caller, is still to relay. */
  | { readonly does: 'claim'; readonly state: CallState; readonly callee: Device }
  | { readonly does: 'stop ringing'; readonly state: CallState; readonly reason: EndReason }
  | { readonly does: 'end'; readonly reason: EndReason }
  /** The other party's client has forgotten this call: a new one takes its place. */
  | { readonly does: 'give way' };

const NOBODY: ReadonlySet<Device> = new Set();
const CONFLICT: CallStep = { does: 'refuse', code: 'call_conflict' };

/** The table of docs/protocol.md: what an event does to a call, decided without looking elsewhere. */
export function nextStep(state: CallState, event: CallEvent, callsRequired: boolean): CallStep {
  if ('from' in event) {
    return state.phase === 'ringing'
      ? whileRinging(state, event, callsRequired)
      : onceClaimed(state, event);
  }
  switch (event.type) {
    case 'timeout':
      return state.phase === 'connected' ? { does: 'nothing' } : end('timeout');
    case 'expired':
      return end('expired');
    default:
      return assertNever(event);
  }
}

type DeviceEvent = Extract<CallEvent, { from: Device }>;

function whileRinging(state: Ringing, event: DeviceEvent, callsRequired: boolean): CallStep {
  if (event.from === state.caller) return fromCaller(state, event, callsRequired);
  if (state.rung.has(event.from)) return fromRungDevice(state, event);
  return fromLoser(event);
}

function fromCaller(state: Ringing, event: DeviceEvent, callsRequired: boolean): CallStep {
  switch (event.type) {
    case 'call':
      return { does: 'answer again' };
    case 'endCall':
      return end('cancelled');
    case 'leave':
      return end('disconnected');
    case 'shutdown':
      return end('shutdown');
    case 'offer':
      return callsRequired ? CONFLICT : relay({ ...state, offeredEarly: true });
    case 'answer':
    case 'candidate':
      return callsRequired ? CONFLICT : relay(state);
    case 'ringing':
    case 'accept':
    case 'displaced':
      return CONFLICT;
    default:
      return assertNever(event);
  }
}

function fromRungDevice(state: Ringing, event: DeviceEvent): CallStep {
  switch (event.type) {
    case 'ringing':
      if (state.reported.has(event.from)) return { does: 'nothing' };
      return {
        does: 'report ringing',
        state: { ...state, reported: new Set([...state.reported, event.from]) },
        device: event.from,
      };
    case 'call': // glare
    case 'accept':
    case 'offer':
      return claim(state, event.from, 'accepted');
    case 'answer':
      return state.offeredEarly ? claim(state, event.from, 'connected') : CONFLICT;
    case 'candidate':
      return relay(state);
    case 'endCall': {
      const reason = event.proposed === 'busy' ? 'busy' : 'declined';
      return event.scope === 'user' ? end(reason) : stopRinging(state, event.from, reason);
    }
    case 'displaced':
      return stopRinging(state, event.from, 'busy');
    case 'leave':
      return stopRinging(state, event.from, 'disconnected');
    case 'shutdown':
      return stopRinging(state, event.from, 'shutdown');
    default:
      return assertNever(event);
  }
}

function onceClaimed(state: Claimed, event: DeviceEvent): CallStep {
  if (event.from !== state.caller && event.from !== state.callee) return fromLoser(event);
  switch (event.type) {
    case 'offer':
    case 'candidate':
      return relay(state);
    case 'answer':
      return relay({ ...state, phase: 'connected' });
    case 'endCall':
      return end(event.proposed === 'failed' ? 'failed' : 'hangup');
    case 'leave':
      return end('disconnected');
    case 'shutdown':
      return end('shutdown');
    case 'call':
      if (state.phase === 'accepted') return { does: 'answer again' };
      return event.tutorial ? { does: 'give way' } : CONFLICT;
    case 'accept':
      return event.from === state.callee ? { does: 'answer again' } : CONFLICT;
    case 'ringing':
    case 'displaced':
      return CONFLICT;
    default:
      return assertNever(event);
  }
}

function fromLoser(event: DeviceEvent): CallStep {
  return event.type === 'leave' || event.type === 'shutdown' ? { does: 'nothing' } : CONFLICT;
}

function claim(state: Ringing, callee: Device, phase: Claimed['phase']): CallStep {
  const others = without(state.rung, callee);
  const lost = others.size === 0 ? state.lost : new Set([...state.lost, ...others]);
  return { does: 'claim', state: { phase, caller: state.caller, callee, lost }, callee };
}

function stopRinging(state: Ringing, device: Device, reason: EndReason): CallStep {
  const rung = without(state.rung, device);
  if (rung.size === 0) return end(reason);
  const lost = new Set([...state.lost, device]);
  return { does: 'stop ringing', state: { ...state, rung, lost }, reason };
}

function relay(state: CallState): CallStep {
  return { does: 'relay', state };
}

function end(reason: EndReason): CallStep {
  return { does: 'end', reason };
}

function without(devices: ReadonlySet<Device>, device: Device): ReadonlySet<Device> {
  return new Set([...devices].filter((other) => other !== device));
}

function assertNever(value: never): never {
  throw new Error(`not in the table: ${JSON.stringify(value)}`);
}

export interface Call {
  /** Random and unguessable: whoever was not told it cannot name it. */
  readonly id: string;
  /** Of both users: nobody reaches another tenant's. */
  readonly tenant: string;
  readonly callerUserId: string;
  /** Whose share of the callee's ring slots it takes. */
  readonly callerSource: string;
  readonly calleeUserId: string;
  readonly startedAt: Date;
  readonly startedMs: number;
  acceptedAfterMs: number | null;
  connectedAfterMs: number | null;
  state: CallState;
}

export function newRinging(caller: Device, rung: Iterable<Device>): CallState {
  return {
    phase: 'ringing',
    caller,
    rung: new Set(rung),
    reported: NOBODY,
    lost: NOBODY,
    offeredEarly: false,
  };
}

/** The devices at the other end, as this device sees the call. */
export function counterparts(state: CallState, device: Device): Device[] {
  if (device !== state.caller) return [state.caller];
  return state.phase === 'ringing' ? [...state.rung] : [state.callee];
}

/** Everybody who takes the call for theirs: the caller, and who is rung or has answered. */
export function participants(state: CallState): Device[] {
  return [state.caller, ...counterparts(state, state.caller)];
}

/** Calling, or talking; being rung is neither. */
export function isParty(state: CallState, device: Device): boolean {
  return device === state.caller || (state.phase !== 'ringing' && device === state.callee);
}

export function isRung(state: CallState, device: Device): boolean {
  return state.phase === 'ringing' && state.rung.has(device);
}
