import { Test, type TestingModule } from '@nestjs/testing';
import { CONNECT_MS, RING_MS } from '../../test/support/calls.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Settings } from '../config/settings.js';
import { SettingsModule } from '../config/settings.module.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { PresenceService } from '../presence/presence.service.js';
import type { ServerEvent, ServerEvents } from '../protocol/events.js';
import { CALL_MAX_DEVICES } from '../protocol/limits.js';
import { type ErrorCode, SignalingError } from '../protocol/signaling-error.js';
import { CallRegistry } from './call-registry.js';
import { CallRelayService } from './call-relay.service.js';
import { CallsModule } from './calls.module.js';
import { Clock } from './clock.js';

/** Stands in for the connections: these are the rules alone, and test/e2e holds them to sockets. */
class RecordingMessenger implements Pick<
  PeerMessenger,
  'send' | 'relay' | 'sendShared' | 'reaches' | 'hasRoomFor'
> {
  private said: [to: string, event: string, payload: unknown][] = [];
  readonly unreachable = new Set<string>();
  readonly full = new Set<string>();

  send<E extends ServerEvent>(to: string, event: E, ...args: Parameters<ServerEvents[E]>): boolean {
    if (!this.reaches(to)) return false;
    this.said.push([to, event, args[0]]);
    return true;
  }

  relay<E extends ServerEvent>(
    to: string,
    event: E,
    ...args: Parameters<ServerEvents[E]>
  ): boolean {
    return this.hasRoomFor(to) && this.send(to, event, ...args);
  }

  hasRoomFor(to: string): boolean {
    return !this.full.has(to);
  }

  reaches(to: string): boolean {
    return !this.unreachable.has(to);
  }

  sendShared(): boolean {
    return true; // presence is not what this is about
  }

  /** Everything sent since the last time this was asked. */
  sent(): [to: string, event: string, payload: unknown][] {
    return this.said.splice(0);
  }
}

let module: TestingModule;
let messenger: RecordingMessenger;
let clock: ManualClock;
let presence: PresenceService;
let calls: CallRelayService;
let registry: CallRegistry;

beforeEach(async () => {
  messenger = new RecordingMessenger();
  clock = new ManualClock();
  module = await Test.createTestingModule({ imports: [SettingsModule, CallsModule] })
    .overrideProvider(Settings)
    .useValue(Settings.from({}))
    .overrideProvider(PeerMessenger)
    .useValue(messenger)
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  presence = module.get(PresenceService);
  calls = module.get(CallRelayService);
  registry = module.get(CallRegistry);
});
afterEach(() => module.close());

/** Connects the devices of a user. */
function join(userId: string, ...devices: string[]): void {
  for (const socketId of devices)
    presence.join({ socketId, userId, tenant: '', source: userId, protocol: 2 });
}

function joinTutorial(userId: string, ...devices: string[]): void {
  for (const socketId of devices)
    presence.join({ socketId, userId, tenant: '', source: userId, protocol: 1 });
}

/** Ana calls Ben, who has these devices. */
function ring(...devices: string[]): string {
  join('ana', 'ana-1', 'ana-2');
  join('ben', ...devices);
  const { callId } = calls.call('ana-1', { toUser: 'ben' });
  expect(messenger.sent().map(([to]) => to)).toEqual(devices);
  return callId;
}

function refusedWith(code: ErrorCode): unknown {
  return expect.objectContaining({ constructor: SignalingError, code });
}

/** It is refused, and nobody hears of it. */
function expectRefused(act: () => unknown, code: ErrorCode): void {
  expect(act).toThrow(refusedWith(code) as Error);
  expect(messenger.sent()).toEqual([]);
}

/** The call is between these two and nobody else. */
function expectLive(callId: string, one: string, other: string): void {
  calls.relayCandidate(one, { callId, candidate: null });
  calls.relayCandidate(other, { callId, candidate: null });
  expect(messenger.sent()).toEqual([
    [other, 'candidate', { callId, socketId: one, candidate: null }],
    [one, 'candidate', { callId, socketId: other, candidate: null }],
  ]);
}

describe('calling a user', () => {
  it('rings all devices, and none that connects later', () => {
    join('ana', 'ana-1');
    presence.register('ana-1', 'Ana');
    join('ben', 'ben-1', 'ben-2');
    const { callId, ...answer } = calls.call('ana-1', { toUser: 'ben' });
    expect(answer).toEqual({ role: 'caller', ringing: 2, expiresInMs: RING_MS });
    const call = { from: 'ana-1', name: 'Ana', userId: 'ana', callId, expiresInMs: RING_MS };
    expect(messenger.sent()).toEqual([
      ['ben-1', 'call', call],
      ['ben-2', 'call', call],
    ]);

    join('ben', 'ben-3');
    expectRefused(() => calls.accept('ben-3', { callId }), 'call_not_found');
    expectRefused(() => calls.endCall('ben-3', { to: 'ana-1' }), 'call_not_found');
    expectRefused(() => calls.call('ben-3', { toUser: 'ana' }), 'call_conflict');
    expectRefused(() => calls.relayOffer('ben-3', { to: 'ana-1', sdp: '' }), 'not_in_call');
  });

  it(`rings ${CALL_MAX_DEVICES} devices at most`, () => {
    const devices = Array.from({ length: CALL_MAX_DEVICES + 1 }, (_, i) => `ben-${i}`);
    join('ana', 'ana-1');
    join('ben', ...devices);
    expect(calls.call('ana-1', { toUser: 'ben' }).ringing).toBe(CALL_MAX_DEVICES);
    expect(messenger.sent().map(([to]) => to)).toEqual(devices.slice(0, CALL_MAX_DEVICES));
  });

  it('passes over devices that read too slowly, and says so if there is no other', () => {
    join('ana', 'ana-1');
    join('ben', 'ben-1', 'ben-2');
    messenger.full.add('ben-1');
    expect(calls.call('ana-1', { toUser: 'ben' }).ringing).toBe(1);
    expect(messenger.sent().map(([to]) => to)).toEqual(['ben-2']);

    join('carl', 'carl-1');
    messenger.full.add('carl-1');
    expectRefused(() => calls.call('ana-1', { toUser: 'carl' }), 'rate_limited');
    expect(messenger.sent()).toEqual([]);
  });

  it('changes nothing by a message for which the recipient has no room', () => {
    join('ana', 'ana-1');
    join('ben', 'ben-1');
    const { callId } = calls.call('ana-1', { toUser: 'ben' });
    messenger.sent();
    messenger.full.add('ana-1');
    expectRefused(() => calls.relayOffer('ben-1', { callId, sdp: 'v=0' }), 'rate_limited');
    expect(messenger.sent()).toEqual([]);
    messenger.full.clear();
    calls.relayOffer('ben-1', { callId, sdp: 'v=0' });
    expect(messenger.sent().map(([, event]) => event)).toEqual(['callAccepted', 'offer']);
  });

  it('passes over devices that cannot be reached', () => {
    join('ana', 'ana-1');
    join('ben', 'ben-1', 'ben-2');
    messenger.unreachable.add('ben-1');
    expect(calls.call('ana-1', { toUser: 'ben' }).ringing).toBe(1);
    expect(messenger.sent().map(([to]) => to)).toEqual(['ben-2']);

    join('carl', 'carl-1');
    messenger.unreachable.add('carl-1');
    expectRefused(() => calls.call('ana-1', { toUser: 'carl' }), 'unavailable');
    expectRefused(() => calls.call('ana-1', { toUser: 'nobody' }), 'unavailable');
  });

  it('by one device rings that one alone', () => {
    join('ana', 'ana-1');
    join('ben', 'ben-1', 'ben-2');
    const { callId, ringing } = calls.call('ana-1', { to: 'ben-2' });
    expect(ringing).toBe(1);
    expect(messenger.sent().map(([to]) => to)).toEqual(['ben-2']);
    expectRefused(() => calls.accept('ben-1', { callId }), 'call_not_found');
  });

  it('again, in whichever way, gives the same call, and nobody rings twice', () => {
    const callId = ring('ben-1', 'ben-2');
    clock.advance(1_000);
    const same = { callId, role: 'caller', ringing: 2, expiresInMs: RING_MS - 1_000 };
    expect(calls.call('ana-1', { toUser: 'ben' })).toEqual(same);
    expect(calls.call('ana-1', { to: 'ben-2' })).toEqual(same);
    expect(messenger.sent()).toEqual([]);
  });

  it('skips the tutorial devices in a call, and is busy if that leaves none', () => {
    join('ana', 'ana-1');
    join('carl', 'carl-1');
    joinTutorial('ben', 'ben-1', 'ben-2');
    const talking = calls.call('carl-1', { to: 'ben-1' });
    calls.accept('ben-1', talking);
    messenger.sent();

    expect(calls.call('ana-1', { toUser: 'ben' }).ringing).toBe(1);
    expect(messenger.sent().map(([to]) => to)).toEqual(['ben-2']);

    calls.endCall('ana-1', { to: 'ben-2' });
    messenger.sent();
    expectRefused(() => calls.call('ana-1', { to: 'ben-1' }), 'busy');
    presence.leave('ben-2');
    expectRefused(() => calls.call('ana-1', { toUser: 'ben' }), 'busy');
    expectLive(talking.callId, 'carl-1', 'ben-1');
  });

  it('who is oneself is refused, on another device too', () => {
    join('ana', 'ana-1', 'ana-2');
    expectRefused(() => calls.call('ana-1', { toUser: 'ana' }), 'invalid_recipient');
    expectRefused(() => calls.call('ana-1', { to: 'ana-2' }), 'invalid_recipient');
    const sdp = 'v=0';
    expectRefused(() => calls.relayOffer('ana-1', { to: 'ana-2', sdp }), 'invalid_recipient');
    expectRefused(() => calls.relayAnswer('ana-1', { to: 'ana-2', sdp }), 'invalid_recipient');
    expectRefused(
      () => calls.relayCandidate('ana-1', { to: 'ana-2', candidate: null }),
      'invalid_recipient',
    );
  });
});

describe('the first device to claim a call gets it', () => {
  it.each([
    { how: 'accept', claim: (callId: string) => void calls.accept('ben-2', { callId }) },
    { how: 'call', claim: () => void calls.call('ben-2', { toUser: 'ana' }) },
    { how: 'offer', claim: () => void calls.relayOffer('ben-2', { to: 'ana-1', sdp: 'v=0' }) },
  ])('by $how, and the others hear that it was answered elsewhere', ({ how, claim }) => {
    const callId = ring('ben-1', 'ben-2', 'ben-3');
    claim(callId);
    const end = { callId, socketId: 'ben-2', reason: 'answered_elsewhere' };
    expect(messenger.sent()).toEqual([
      ['ana-1', 'callAccepted', { callId, socketId: 'ben-2' }],
      ['ben-1', 'endCall', end],
      ['ben-3', 'endCall', end],
      ...(how === 'offer' ? [['ana-1', 'offer', { callId, socketId: 'ben-2', sdp: 'v=0' }]] : []),
    ]);
    expectLive(callId, 'ana-1', 'ben-2');
  });

  it('by answering an offer that all of them had', () => {
    const callId = ring('ben-1', 'ben-2');
    calls.relayOffer('ana-1', { callId, sdp: 'early' });
    const offer = { callId, socketId: 'ana-1', sdp: 'early' };
    expect(messenger.sent()).toEqual([
      ['ben-1', 'offer', offer],
      ['ben-2', 'offer', offer],
    ]);
    calls.relayAnswer('ben-1', { callId, sdp: 'v=0' });
    expect(messenger.sent()).toEqual([
      ['ana-1', 'callAccepted', { callId, socketId: 'ben-1' }],
      ['ben-2', 'endCall', { callId, socketId: 'ben-1', reason: 'answered_elsewhere' }],
      ['ana-1', 'answer', { callId, socketId: 'ben-1', sdp: 'v=0' }],
    ]);
    clock.advance(RING_MS + CONNECT_MS);
    expectLive(callId, 'ana-1', 'ben-1');
  });

  it('and what the others still send changes nothing', () => {
    const callId = ring('ben-1', 'ben-2');
    calls.accept('ben-2', { callId });
    messenger.sent();
    const sdp = 'v=0';
    for (const address of [{ callId }, { to: 'ana-1' }]) {
      expectRefused(() => calls.relayOffer('ben-1', { ...address, sdp }), 'call_conflict');
      expectRefused(() => calls.relayAnswer('ben-1', { ...address, sdp }), 'call_conflict');
      expectRefused(() => calls.endCall('ben-1', address), 'call_conflict');
      expectRefused(
        () => calls.endCall('ben-1', { ...address, scope: 'device', reason: 'busy' }),
        'call_conflict',
      );
    }
    expectRefused(() => calls.accept('ben-1', { callId }), 'call_conflict');
    expectRefused(() => calls.ringing('ben-1', { callId }), 'call_conflict');
    expectRefused(() => calls.call('ben-1', { toUser: 'ana' }), 'call_conflict');
    calls.leave('ben-1');
    expectLive(callId, 'ana-1', 'ben-2');
  });

  it('and only the two that talk hear how it ends', () => {
    const callId = ring('ben-1', 'ben-2');
    calls.accept('ben-2', { callId });
    messenger.sent();
    calls.endCall('ben-2', { to: 'ana-1' });
    expect(messenger.sent()).toEqual([
      ['ana-1', 'endCall', { callId, socketId: 'ben-2', reason: 'hangup' }],
    ]);
    expectRefused(() => calls.accept('ben-1', { callId }), 'call_not_found');
  });

  it('and a tutorial device that loses hears so too, as an end of the ring', () => {
    joinTutorial('ben', 'ben-2');
    join('ana', 'ana-1');
    join('ben', 'ben-1');
    const { callId } = calls.call('ana-1', { toUser: 'ben' });
    messenger.sent();
    calls.accept('ben-1', { callId });
    expect(messenger.sent()).toContainEqual([
      'ben-2',
      'endCall',
      { callId, socketId: 'ben-1', reason: 'answered_elsewhere' },
    ]);
  });
});

describe('while several devices ring', () => {
  it('each tells the caller once that it does', () => {
    const callId = ring('ben-1', 'ben-2');
    for (const device of ['ben-2', 'ben-1', 'ben-2']) calls.ringing(device, { callId });
    expect(messenger.sent()).toEqual([
      ['ana-1', 'ringing', { callId, socketId: 'ben-2' }],
      ['ana-1', 'ringing', { callId, socketId: 'ben-1' }],
    ]);
  });

  it('one declines for all of them', () => {
    const callId = ring('ben-1', 'ben-2', 'ben-3');
    expect(calls.endCall('ben-2', { callId })).toEqual({ callId, reason: 'declined' });
    const end = { callId, socketId: 'ben-2', reason: 'declined' };
    expect(messenger.sent()).toEqual([
      ['ana-1', 'endCall', end],
      ['ben-1', 'endCall', end],
      ['ben-3', 'endCall', end],
    ]);
    expect(registry.size).toBe(0);
  });

  it('each may decline for itself, and the last one to do so ends the call', () => {
    const callId = ring('ben-1', 'ben-2', 'ben-3');
    const alone = { callId, scope: 'device' } as const;
    expect(calls.endCall('ben-1', alone)).toEqual({ callId, reason: 'declined' });
    expect(calls.endCall('ben-2', { ...alone, reason: 'busy' })).toEqual({
      callId,
      reason: 'busy',
    });
    expect(messenger.sent()).toEqual([]);
    expectRefused(() => calls.accept('ben-1', { callId }), 'call_conflict');
    expectRefused(() => calls.endCall('ben-1', alone), 'call_conflict');
    expect(calls.call('ana-1', { toUser: 'ben' })).toMatchObject({ callId, ringing: 1 });

    calls.endCall('ben-3', { ...alone, reason: 'busy' });
    expect(messenger.sent()).toEqual([
      ['ana-1', 'endCall', { callId, socketId: 'ben-3', reason: 'busy' }],
    ]);
    expect(registry.size).toBe(0);
  });

  it('one that leaves is not missed, and the last one to leave ends the call', () => {
    const callId = ring('ben-1', 'ben-2');
    calls.leave('ben-1');
    expect(messenger.sent()).toEqual([]);
    expect(registry.of('ben-1').size).toBe(0);
    calls.leave('ben-2');
    expect(messenger.sent()).toEqual([
      ['ana-1', 'endCall', { callId, socketId: 'ben-2', reason: 'disconnected' }],
    ]);
    expect(registry.size).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('all hear that the caller gives up, leaves, or gets no answer', () => {
    join('ana', 'ana-1');
    join('ben', 'ben-1', 'ben-2');
    const ends: [act: () => void, end: object][] = [
      [() => calls.endCall('ana-1', { to: 'ben' }), { socketId: 'ana-1', reason: 'cancelled' }],
      [() => calls.endCall('ana-1', { to: 'ben-2' }), { socketId: 'ana-1', reason: 'cancelled' }],
      [() => calls.leave('ana-1'), { socketId: 'ana-1', reason: 'disconnected' }],
      [() => clock.advance(RING_MS), { reason: 'timeout' }],
    ];
    for (const [act, end] of ends) {
      const { callId } = calls.call('ana-1', { toUser: 'ben' });
      messenger.sent();
      act();
      const told = messenger.sent().filter(([to]) => to !== 'ana-1');
      expect(told).toEqual([
        ['ben-1', 'endCall', { callId, ...end }],
        ['ben-2', 'endCall', { callId, ...end }],
      ]);
      expect(registry.size).toBe(0);
    }
  });
});

describe('another device of a user in a call', () => {
  it.each(['ringing', 'accepted', 'connected'])('cannot call the other user: %s', (phase) => {
    const callId = ring('ben-1');
    join('ben', 'ben-2');
    if (phase !== 'ringing') calls.relayOffer('ben-1', { to: 'ana-1', sdp: 'v=0' });
    if (phase === 'connected') calls.relayAnswer('ana-1', { to: 'ben-1', sdp: 'v=0' });
    messenger.sent();
    for (const address of [{ toUser: 'ben' }, { to: 'ben-1' }, { to: 'ben-2' }]) {
      expectRefused(() => calls.call('ana-2', address), 'call_conflict');
    }
    for (const address of [{ toUser: 'ana' }, { to: 'ana-1' }, { to: 'ana-2' }]) {
      expectRefused(() => calls.call('ben-2', address), 'call_conflict');
    }
    expectRefused(() => calls.endCall('ana-2', { callId }), 'call_not_found');
    expectRefused(() => calls.endCall('ana-2', { to: 'ben-1' }), 'call_not_found');
    expectLive(callId, 'ana-1', 'ben-1');
  });

  it('may call anybody else', () => {
    const callId = ring('ben-1');
    join('carl', 'carl-1');
    expect(calls.call('ana-2', { toUser: 'carl' }).ringing).toBe(1);
    messenger.sent();
    expectLive(callId, 'ana-1', 'ben-1');
  });

  it('does not make a tutorial device busy, nor does a ring that it lost', () => {
    join('ana', 'ana-1');
    join('ben', 'ben-1');
    joinTutorial('ben', 'ben-2');
    join('carl', 'carl-1');
    const { callId } = calls.call('ana-1', { toUser: 'ben' });
    calls.accept('ben-1', { callId });
    messenger.sent();
    expect(calls.call('carl-1', { to: 'ben-2' }).ringing).toBe(1);
  });
});

it('a ring that is displaced at one device of several goes on at the others', () => {
  join('ben', 'ben-1');
  const ringBen = (source: string, userId: string): string => {
    presence.join({ socketId: `${userId}-1`, userId, tenant: '', source, protocol: 2 });
    return calls.call(`${userId}-1`, { toUser: 'ben' }).callId;
  };
  for (let i = 1; i < 4; i += 1) ringBen('office', `early-${i}`);
  join('ben', 'ben-2');
  const [oldest] = registry.of('ben-1');
  ringBen('office', 'late');
  messenger.sent();

  const callId = ringBen('elsewhere', 'friend');
  expect(messenger.sent()).toEqual([
    ['early-1-1', 'endCall', { callId: oldest?.id, reason: 'busy' }],
    ['ben-1', 'endCall', { callId: oldest?.id, reason: 'busy' }],
    ['ben-1', 'call', expect.objectContaining({ callId })],
    ['ben-2', 'call', expect.objectContaining({ callId })],
  ]);

  ringBen('third', 'another');
  const [next] = messenger.sent().filter(([, event]) => event === 'endCall');
  expect(next).toEqual([
    'early-2-1',
    'endCall',
    { callId: expect.any(String) as string, reason: 'busy' },
  ]);
  // Of the office's two, one rings at both devices; the newest displaces it at the full one only.
  const late = registry.between('', 'late', 'ben');
  expect(late?.state).toMatchObject({ rung: new Set(['ben-1', 'ben-2']) });
  calls.endCall('early-3-1', { to: 'ben' });
  ringBen('office', 'later');
  messenger.sent();
  ringBen('fourth', 'one-more');
  expect(messenger.sent()[0]).toEqual(['ben-1', 'endCall', { callId: late?.id, reason: 'busy' }]);
  expect(late?.state).toMatchObject({ rung: new Set(['ben-2']), lost: new Set(['ben-1']) });
});
