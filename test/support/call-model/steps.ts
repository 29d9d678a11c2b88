import fc from 'fast-check';
import type { Device, Payload } from './book.js';
import type { SendEvent } from './model.js';

/** What is known of a call when the next step is chosen. */
export interface KnownCall {
  id: string;
  live: boolean;
  caller: Device;
  others: Device[];
}

/** Who is there; a seat keeps the name of the device that left it. */
export interface Scene {
  seats: { device: Device; user: string; connected: boolean }[];
  calls: KnownCall[];
}

export interface Command {
  from: Device;
  event: SendEvent;
  payload: Payload;
}

/** A message of a kind, by and about whoever plays a part in the nth call back. */
interface SendStep {
  do: SendEvent;
  as: 'caller' | 'other' | 'anybody';
  seat: number;
  nthCall: number;
  by: 'to' | 'callId' | 'both';
  to: 'counterpart' | 'its user' | 'seat' | 'own' | 'nobody' | 'null';
  toSeat: number;
  scope?: 'user' | 'device' | undefined;
  reason?: 'busy' | 'failed' | undefined;
}

export type Step =
  | SendStep
  | { do: 'leave'; seat: number }
  | { do: 'return'; seat: number }
  | { do: 'wait'; seconds: number };

/** How somebody connects, and whose device it is where users have several. */
export interface Seat {
  protocol: 1 | 2;
  user: number;
  /** From which of some addresses; all from one if it is not said. */
  address?: number;
}

const seat = fc.nat({ max: 4 });
const DAY_SECONDS = 24 * 60 * 60;

function oneOf<T>(weights: [number, T][]): fc.Arbitrary<T> {
  return fc.oneof(...weights.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

const signal: fc.Arbitrary<SendStep> = fc.record({
  do: oneOf<SendEvent>([
    [4, 'ringing'],
    [6, 'accept'],
    [6, 'offer'],
    [8, 'answer'],
    [3, 'candidate'],
    [4, 'endCall'],
  ]),
  as: oneOf<SendStep['as']>([
    [4, 'other'],
    [3, 'caller'],
    [2, 'anybody'],
  ]),
  seat,
  nthCall: oneOf([
    [8, 0],
    [3, 1],
    [2, 2],
    [1, 99],
  ]),
  by: oneOf<SendStep['by']>([
    [3, 'to'],
    [3, 'callId'],
    [1, 'both'],
  ]),
  to: oneOf<SendStep['to']>([
    [10, 'counterpart'],
    [2, 'its user'],
    [3, 'seat'],
    [1, 'own'],
    [1, 'nobody'],
    [1, 'null'],
  ]),
  toSeat: seat,
  scope: oneOf<SendStep['scope']>([
    [2, undefined],
    [1, 'user'],
    [2, 'device'],
  ]),
  reason: oneOf<SendStep['reason']>([
    [2, undefined],
    [1, 'busy'],
    [1, 'failed'],
  ]),
});

const call: fc.Arbitrary<SendStep> = fc.record({
  do: fc.constant('call' as const),
  as: oneOf<SendStep['as']>([
    [3, 'anybody'],
    [1, 'other'],
    [1, 'caller'],
  ]),
  seat,
  nthCall: oneOf([
    [3, 0],
    [1, 1],
  ]),
  by: fc.constantFrom('to', 'callId'),
  to: oneOf<SendStep['to']>([
    [8, 'seat'],
    [5, 'counterpart'],
    [1, 'own'],
    [1, 'nobody'],
  ]),
  toSeat: seat,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: call },
  { weight: 26, arbitrary: signal },
  {
    weight: 3,
    arbitrary: fc.record({ do: oneOf<'leave' | 'return'>([[1, 'leave'], [2, 'return']]), seat }), // prettier-ignore
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: oneOf([
        [4, 1],
        [4, 14],
        [2, 16],
        [1, 30],
        [1, 45],
        [1, DAY_SECONDS],
      ]),
    }),
  },
);

/** The other seats are counted without the own one. */
export function dial(from: number, nthOther: number, by: 'to' | 'callId' = 'to'): Step {
  return { do: 'call', as: 'anybody', seat: from, nthCall: 0, by, to: 'seat', toSeat: nthOther };
}

/** Somebody calls somebody, and if nothing is in the way they come to talk. */
export function talk(from: number, nthOther: number, by: 'to' | 'callId' = 'to'): Step[] {
  const latest = { seat: 0, toSeat: 0, nthCall: 0, by, to: 'counterpart' } as const;
  return [
    dial(from, nthOther, by),
    { do: 'offer', as: 'other', ...latest },
    { do: 'answer', as: 'caller', ...latest },
  ];
}

/** Few walks get that far by single steps. */
const conversation: fc.Arbitrary<Step[]> = fc
  .record({ from: seat, nthOther: seat, by: fc.constantFrom<'to' | 'callId'>('to', 'callId') })
  .map(({ from, nthOther, by }) => talk(from, nthOther, by));

export function steps(minLength: number, maxLength: number): fc.Arbitrary<Step[]> {
  const piece = fc.oneof(
    { weight: 12, arbitrary: step.map((single) => [single]) },
    { weight: 1, arbitrary: conversation },
  );
  return fc.array(piece, { minLength, maxLength, size: 'max' }).map((pieces) => pieces.flat());
}

export const seats: fc.Arbitrary<Seat[]> = fc
  .record({
    protocols: fc.array(fc.constantFrom<1 | 2>(1, 2), { minLength: 3, maxLength: 5 }),
    users: fc.constantFrom(2, 3),
  })
  .map(({ protocols, users }) =>
    protocols.map((protocol, index) => ({ protocol, user: index % users })),
  );

/** Five at one address, two at another, one at a third. */
export const CROWD: Seat[] = [0, 0, 0, 0, 0, 1, 1, 2].map((address, user) => ({
  protocol: user % 2 === 0 ? 2 : 1,
  user,
  address,
}));

/** As `steps`, while most of the crowd call the one in seat 0. */
export function crowdSteps(minLength: number, maxLength: number): fc.Arbitrary<Step[]> {
  const callsOne = fc.integer({ min: 1, max: CROWD.length - 1 }).map((from) => dial(from, 0));
  const piece = fc.oneof({ weight: 4, arbitrary: callsOne }, { weight: 1, arbitrary: step });
  return fc.array(piece, { minLength, maxLength, size: 'max' });
}

/** The message that a step stands for; undefined if its sender is not connected. */
export function commandOf(chosen: SendStep, scene: Scene, text: string): Command | undefined {
  const about = pickCall(scene.calls, chosen.nthCall);
  const from = sender(chosen, scene, about);
  const at = scene.seats.find(({ device }) => device === from);
  if (at?.connected !== true) return undefined;
  const to = recipient(chosen, scene, about, from);
  const callId = about?.id ?? 'no such call';
  const event = chosen.do;
  switch (event) {
    case 'call':
      return { from, event, payload: chosen.by === 'to' ? { to } : { toUser: userOf(scene, to) } };
    case 'ringing':
    case 'accept':
      return { from, event, payload: { callId } };
    case 'offer':
    case 'answer':
      return { from, event, payload: { ...address(chosen, to, callId), sdp: text } };
    case 'candidate':
      return { from, event, payload: { ...address(chosen, to, callId), candidate: line(text) } };
    case 'endCall': {
      const { scope, reason } = chosen;
      const payload = { ...address(chosen, chosen.to === 'null' ? null : to, callId) };
      if (scope !== undefined) payload.scope = scope;
      if (reason !== undefined) payload.reason = reason;
      return { from, event, payload };
    }
  }
}

function pickCall(calls: KnownCall[], nth: number): KnownCall | undefined {
  const recent = calls.toReversed();
  return [...recent.filter(({ live }) => live), ...recent.filter(({ live }) => !live)][nth];
}

function sender({ as, seat }: SendStep, { seats }: Scene, about?: KnownCall): Device {
  if (about !== undefined && as === 'caller') return about.caller;
  if (about !== undefined && as === 'other') return pick(about.others, seat);
  return pick(seats, seat).device;
}

function recipient(
  { to, toSeat }: SendStep,
  scene: Scene,
  about: KnownCall | undefined,
  from: Device,
): string {
  if (to === 'own') return from;
  if (to === 'nobody') return 'nobody';
  if ((to === 'counterpart' || to === 'its user') && about !== undefined) {
    const counterpart = from === about.caller ? pick(about.others, toSeat) : about.caller;
    return to === 'counterpart' ? counterpart : userOf(scene, counterpart);
  }
  const elsewhere = scene.seats.filter(({ device }) => device !== from);
  return pick(elsewhere, toSeat).device;
}

function address({ by }: SendStep, to: string | null, callId: string): Payload {
  return by === 'to' ? { to } : by === 'callId' ? { callId } : { to, callId };
}

function line(text: string): Payload | null {
  if (text.endsWith('0')) return null; // the end of candidates
  return { candidate: text, sdpMid: null, sdpMLineIndex: 0 };
}

function userOf({ seats }: Scene, to: string): string {
  return seats.find(({ device }) => device === to)?.user ?? to;
}

function pick<T>(items: T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
