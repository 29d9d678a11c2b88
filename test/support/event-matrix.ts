import type { ClientEvent, ServerEvent } from '../../src/protocol/events.js';
import type { ErrorCode } from '../../src/protocol/signaling-error.js';

/** Ana, who has another device, calls Ben, who has two. Once one of them answers it is the first. */
export const SITUATIONS = ['ringing', 'accepted', 'connected'] as const;
export type Situation = (typeof SITUATIONS)[number];
/** `sibling` is Ben's second device. */
type Party = 'caller' | 'callee' | 'sibling';
/**
 * `other` is Ana's, `third` another user of the tenant. `foreign` has Ana's user id in another
 * tenant. `stranger` has no user, on a server that asks for none.
 */
type Outsider = 'other' | 'third' | 'foreign' | 'stranger';
export type Role = Party | Outsider;

/** What it takes to write any message about the call, whether or not the sender could know it. */
export interface Known {
  /** Socket ids and user ids. */
  caller: string;
  callee: string;
  callingUser: string;
  calledUser: string;
  callId: string;
  ownToken: string;
  callersToken: string;
}

type Write = (known: Known) => unknown;

const addressed = (content: object) => ({
  toCaller: ({ caller: to }: Known) => ({ to, ...content }),
  toCallee: ({ callee: to }: Known) => ({ to, ...content }),
  byCallId: ({ callId }: Known) => ({ callId, ...content }),
});

/** Every event, in every way to address it. */
export const MESSAGES = {
  register: { plain: () => 'Somebody' },
  getOnlineUsers: { plain: () => undefined },
  call: {
    toCaller: ({ caller: to }) => ({ to }),
    toCallee: ({ callee: to }) => ({ to }),
    toCallingUser: ({ callingUser: toUser }) => ({ toUser }),
    toCalledUser: ({ calledUser: toUser }) => ({ toUser }),
  },
  ringing: { byCallId: ({ callId }) => ({ callId }) },
  accept: { byCallId: ({ callId }) => ({ callId }) },
  offer: addressed({ sdp: 'v=0' }),
  answer: addressed({ sdp: 'v=0' }),
  candidate: addressed({ candidate: null }),
  endCall: addressed({}),
  watchPresence: { plain: () => undefined },
  unwatchPresence: { plain: () => undefined },
  refreshToken: {
    own: ({ ownToken: token }) => ({ token }),
    callers: ({ callersToken: token }) => ({ token }),
  },
} satisfies Record<ClientEvent, Record<string, Write>>;

/** A refusal, of which nobody hears; or who hears what, and nobody else hears anything. */
export type Outcome = ErrorCode | Partial<Record<Role | 'itself', ServerEvent[]>>;

type Table<R extends Role> = {
  [E in ClientEvent]: { [How in keyof (typeof MESSAGES)[E]]: Record<R, Outcome> };
};

const OK = {};
const LIST = { itself: ['onlineUsers'] } satisfies Outcome;
const SELF = 'invalid_recipient';
const CONFLICT = 'call_conflict';
const UNKNOWN = 'call_not_found';
const NO_CALL = 'not_in_call';
const GONE = 'unavailable';
const DENIED = 'unauthorized';

const outside = (other: Outcome, third: Outcome, foreign: Outcome, stranger: Outcome) => ({
  other,
  third,
  foreign,
  stranger,
});

const ALL_UNKNOWN = outside(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
const SIGNALS_OUTSIDE = {
  toCaller: outside(SELF, NO_CALL, NO_CALL, NO_CALL),
  toCallee: outside(NO_CALL, NO_CALL, NO_CALL, NO_CALL),
  byCallId: ALL_UNKNOWN,
};

/** Whoever has nothing to do with the call, whatever its state. */
const OUTSIDE: Table<Outsider> = {
  register: { plain: outside(OK, OK, OK, OK) },
  getOnlineUsers: { plain: outside(LIST, LIST, LIST, LIST) },
  call: {
    toCaller: outside(SELF, { caller: ['call'] }, GONE, { caller: ['call'] }),
    toCallee: outside(CONFLICT, { callee: ['call'] }, GONE, { callee: ['call'] }),
    toCallingUser: outside(SELF, { caller: ['call'], other: ['call'] }, SELF, { caller: ['call'] }),
    toCalledUser: outside(CONFLICT, { callee: ['call'], sibling: ['call'] }, GONE, {
      callee: ['call'],
    }),
  },
  ringing: { byCallId: ALL_UNKNOWN },
  accept: { byCallId: ALL_UNKNOWN },
  offer: SIGNALS_OUTSIDE,
  answer: SIGNALS_OUTSIDE,
  candidate: SIGNALS_OUTSIDE,
  endCall: { toCaller: ALL_UNKNOWN, toCallee: ALL_UNKNOWN, byCallId: ALL_UNKNOWN },
  watchPresence: { plain: outside(OK, OK, OK, OK) },
  unwatchPresence: { plain: outside(OK, OK, OK, OK) },
  refreshToken: {
    own: outside(OK, OK, OK, DENIED),
    callers: outside(OK, DENIED, DENIED, DENIED),
  },
};

const inside = (caller: Outcome, callee: Outcome, sibling: Outcome) => ({
  caller,
  callee,
  sibling,
});

/** What a call has no part in. */
const ALWAYS = {
  register: { plain: inside(OK, OK, OK) },
  getOnlineUsers: { plain: inside(LIST, LIST, LIST) },
  watchPresence: { plain: inside(OK, OK, OK) },
  unwatchPresence: { plain: inside(OK, OK, OK) },
  refreshToken: { own: inside(OK, OK, OK), callers: inside(OK, DENIED, DENIED) },
};

const told = (role: Role, ...events: ServerEvent[]): Outcome => ({ [role]: events });
/** One of the two devices that ring takes the call. */
const CLAIMED = { caller: ['callAccepted'], sibling: ['endCall'] } satisfies Outcome;
const CLAIMED_BY_SIBLING = { caller: ['callAccepted'], callee: ['endCall'] } satisfies Outcome;
const OFFERED = { caller: ['callAccepted', 'offer'], sibling: ['endCall'] } satisfies Outcome;
const OFFERED_BY_SIBLING = {
  caller: ['callAccepted', 'offer'],
  callee: ['endCall'],
} satisfies Outcome;
const CANCELLED = { callee: ['endCall'], sibling: ['endCall'] } satisfies Outcome;
const DECLINED = { caller: ['endCall'], sibling: ['endCall'] } satisfies Outcome;
const DECLINED_BY_SIBLING = { caller: ['endCall'], callee: ['endCall'] } satisfies Outcome;

const RINGING: Table<Party> = {
  ...ALWAYS,
  call: {
    toCaller: inside(SELF, CLAIMED, CLAIMED_BY_SIBLING),
    toCallee: inside(OK, SELF, SELF),
    toCallingUser: inside(SELF, CLAIMED, CLAIMED_BY_SIBLING),
    toCalledUser: inside(OK, SELF, SELF),
  },
  ringing: { byCallId: inside(CONFLICT, told('caller', 'ringing'), told('caller', 'ringing')) },
  accept: { byCallId: inside(CONFLICT, CLAIMED, CLAIMED_BY_SIBLING) },
  offer: {
    toCaller: inside(SELF, OFFERED, OFFERED_BY_SIBLING),
    toCallee: inside(CONFLICT, SELF, SELF),
    byCallId: inside(CONFLICT, OFFERED, OFFERED_BY_SIBLING),
  },
  answer: {
    toCaller: inside(SELF, CONFLICT, CONFLICT),
    toCallee: inside(CONFLICT, SELF, SELF),
    byCallId: inside(CONFLICT, CONFLICT, CONFLICT),
  },
  candidate: {
    toCaller: inside(SELF, told('caller', 'candidate'), told('caller', 'candidate')),
    toCallee: inside(CONFLICT, SELF, SELF),
    byCallId: inside(CONFLICT, told('caller', 'candidate'), told('caller', 'candidate')),
  },
  endCall: {
    toCaller: inside(UNKNOWN, DECLINED, DECLINED_BY_SIBLING),
    toCallee: inside(CANCELLED, UNKNOWN, UNKNOWN),
    byCallId: inside(CANCELLED, DECLINED, DECLINED_BY_SIBLING),
  },
};

/** Between the two parties everything is relayed; the device that lost changes nothing. */
const relayed = (event: ServerEvent) => ({
  toCaller: inside(SELF, told('caller', event), CONFLICT),
  toCallee: inside(told('callee', event), SELF, SELF),
  byCallId: inside(told('callee', event), told('caller', event), CONFLICT),
});

const ACCEPTED: Table<Party> = {
  ...ALWAYS,
  call: {
    toCaller: inside(SELF, OK, CONFLICT),
    toCallee: inside(OK, SELF, SELF),
    toCallingUser: inside(SELF, OK, CONFLICT),
    toCalledUser: inside(OK, SELF, SELF),
  },
  ringing: { byCallId: inside(CONFLICT, CONFLICT, CONFLICT) },
  accept: { byCallId: inside(CONFLICT, OK, CONFLICT) },
  offer: relayed('offer'),
  answer: relayed('answer'),
  candidate: relayed('candidate'),
  endCall: {
    ...relayed('endCall'),
    toCaller: inside(UNKNOWN, told('caller', 'endCall'), CONFLICT),
    toCallee: inside(told('callee', 'endCall'), UNKNOWN, UNKNOWN),
  },
};

const CONNECTED: Table<Party> = {
  ...ACCEPTED,
  call: {
    toCaller: inside(SELF, CONFLICT, CONFLICT),
    toCallee: inside(CONFLICT, SELF, SELF),
    toCallingUser: inside(SELF, CONFLICT, CONFLICT),
    toCalledUser: inside(CONFLICT, SELF, SELF),
  },
};

const INSIDE: Record<Situation, Table<Party>> = {
  ringing: RINGING,
  accepted: ACCEPTED,
  connected: CONNECTED,
};

type Row = Record<string, Partial<Record<Role, Outcome>>>;

/** Each event from each role in each way, as it is to come out. */
export function cellsOf(situation: Situation) {
  return (Object.keys(MESSAGES) as ClientEvent[]).flatMap((event) =>
    Object.entries<Write>(MESSAGES[event]).flatMap(([how, write]) => {
      const row = { ...(OUTSIDE[event] as Row)[how], ...(INSIDE[situation][event] as Row)[how] };
      return Object.entries(row).map(([role, outcome]) => ({
        event,
        how,
        write,
        role: role as Role,
        outcome,
      }));
    }),
  );
}
