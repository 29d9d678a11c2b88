import type { ClientEvent } from '../../src/protocol/events.js';
import {
  AGE_MS,
  callIdOf,
  callStage,
  CONNECT_MS,
  connect,
  expectLive,
  forget,
  heard,
  type Phase,
  PHASES,
  REACH,
  refusal,
  ring,
  RING_MS,
} from '../support/calls.js';
import type { Peer } from '../support/peer.js';

const SIGNALS: { event: ClientEvent; content: object }[] = [
  { event: 'offer', content: { sdp: 'v=0' } },
  { event: 'answer', content: { sdp: 'v=0' } },
  { event: 'candidate', content: { candidate: null } },
];
const BY_CALL_ID: { event: ClientEvent; content: object }[] = [
  { event: 'ringing', content: {} },
  { event: 'accept', content: {} },
  { event: 'endCall', content: {} },
  ...SIGNALS,
];

const stage = callStage();
let ana: Peer;
let ben: Peer;
let carl: Peer;

beforeEach(async () => {
  [ana, ben, carl] = await stage.enter('protocol 2', 'protocol 2', 'protocol 2');
});

/** Whatever was tried, nobody has noticed. */
async function expectSilence(): Promise<void> {
  await stage.settle();
  expect([heard(ana), heard(ben), heard(carl)]).toEqual([[], [], []]);
}

describe('call_conflict: the call is not in a state for this', () => {
  it.each<{ phase: Phase; who: 'caller' | 'callee'; event: ClientEvent; content?: object }>([
    { phase: 'ringing', who: 'caller', event: 'ringing' },
    { phase: 'ringing', who: 'caller', event: 'accept' },
    { phase: 'ringing', who: 'callee', event: 'answer', content: { sdp: 'v=0' } },
    { phase: 'accepted', who: 'caller', event: 'ringing' },
    { phase: 'accepted', who: 'caller', event: 'accept' },
    { phase: 'accepted', who: 'callee', event: 'ringing' },
    { phase: 'connected', who: 'caller', event: 'ringing' },
    { phase: 'connected', who: 'caller', event: 'accept' },
    { phase: 'connected', who: 'callee', event: 'ringing' },
  ])('$event from the $who once $phase', async ({ phase, who, event, content }) => {
    const callId = await REACH[phase](ana, ben);
    const actor = who === 'caller' ? ana : ben;
    expect(await actor.ask(event, { callId, ...content })).toEqual(refusal('call_conflict'));
    await expectSilence();
    await expectLive(ana, ben, callId);
  });

  it('a call to the other party once connected, which runs on', async () => {
    const callId = await connect(ana, ben);
    expect(await ana.ask('call', { to: ben.id })).toEqual(refusal('call_conflict'));
    expect(await ben.ask('call', { toUser: ana.id })).toEqual(refusal('call_conflict'));
    await expectSilence();
    await expectLive(ana, ben, callId);
  });
});

describe('not a conflict', () => {
  it('calling the same user again while it rings: the same call, and nobody rings twice', async () => {
    const callId = await ring(ana, ben);
    stage.clock.advance(1_000);
    for (const addressed of [{ to: ben.id }, { toUser: ben.id }]) {
      expect(await ana.ask('call', addressed)).toEqual({
        ok: true,
        callId,
        role: 'caller',
        ringing: 1,
        expiresInMs: RING_MS - 1_000,
      });
    }
    await expectSilence();
  });

  it.each(['accepted', 'connected'] as const)(
    'accepting again once %s: the same answer for the device that has it, and nobody hears of it',
    async (phase) => {
      const callId = await ring(ana, ben);
      const answer = { ok: true, callId, socketId: ana.id, expiresInMs: CONNECT_MS };
      expect(await ben.ask('accept', { callId })).toEqual(answer);
      expect(await ben.ask('accept', { callId })).toEqual(answer);
      if (phase === 'connected') {
        await ben.ask('offer', { callId, sdp: 'v=0' });
        await ana.ask('answer', { callId, sdp: 'v=0' });
        expect(await ben.ask('accept', { callId })).toEqual({ ...answer, expiresInMs: AGE_MS });
      }
      await stage.settle();
      expect(ana.all('callAccepted')).toHaveLength(1);
      forget(ana, ben);
      await expectLive(ana, ben, callId);
    },
  );

  it('calling the other party again once accepted: the same call, for either', async () => {
    const callId = await REACH.accepted(ana, ben);
    stage.clock.advance(1_000);
    const same = { ok: true, callId, ringing: 0, expiresInMs: CONNECT_MS - 1_000 };
    expect(await ana.ask('call', { to: ben.id })).toEqual({ ...same, role: 'caller' });
    expect(await ben.ask('call', { to: ana.id })).toEqual({ ...same, role: 'callee' });
    await expectSilence();
  });

  it('calling the caller back while it rings: that accepts', async () => {
    const callId = await ring(ana, ben);
    expect(await ben.ask('call', { to: ana.id })).toEqual({
      ok: true,
      callId,
      role: 'callee',
      ringing: 0,
      expiresInMs: CONNECT_MS,
    });
    await stage.settle();
    expect([heard(ana), heard(ben)]).toEqual([
      [['callAccepted', { callId, socketId: ben.id }]],
      [],
    ]);
  });

  it('a second call beside a running one, which outlives it', async () => {
    const callId = await connect(ana, ben);
    const second = await ring(carl, ana);
    expect(await carl.ask('endCall', { to: ana.id })).toMatchObject({ callId: second });
    await stage.settle();
    const end = { callId: second, socketId: carl.id, reason: 'cancelled' };
    expect([heard(ana), heard(ben)]).toEqual([[['endCall', end]], []]);
    forget(ana);
    await expectLive(ana, ben, callId);
  });
});

describe('not a conflict, for a client of protocol 2, which may have several calls', () => {
  it('calling somebody else while it calls or talks', async () => {
    const first = await connect(ana, ben);
    const second = await ring(ana, carl);
    await expectSilence();
    await expectLive(ana, ben, first);
    await expectLive(ana, carl, second);
  });

  it('accepting one call while another rings or runs', async () => {
    const first = await ring(ben, ana);
    const second = await ring(carl, ana);
    expect(await ana.ask('accept', { callId: first })).toMatchObject({ ok: true });
    await stage.settle();
    forget(ben);
    await expectSilence();
    expect(await ana.ask('accept', { callId: second })).toMatchObject({ ok: true });
    await stage.settle();
    forget(carl);
    await expectSilence();
    await expectLive(ben, ana, first);
    await expectLive(carl, ana, second);
  });
});

describe('call_not_found: ended, never was, or not yours', () => {
  it.each(BY_CALL_ID)('$event with such a call id, all three alike', async ({ event, content }) => {
    const callId = await connect(ana, ben);
    const ended = callIdOf(await carl.ask('call', { to: ben.id }));
    await carl.ask('endCall', { callId: ended });
    await stage.settle();
    forget(ben);

    for (const id of [ended, 'never was', callId]) {
      expect(await carl.ask(event, { ...content, callId: id })).toEqual(refusal('call_not_found'));
    }
    await expectSilence();
    await expectLive(ana, ben, callId);
  });

  it('hanging up on anybody there is no call with', async () => {
    const callId = await connect(ana, ben);
    for (const to of [ana.id, ben.id, carl.id, 'nobody', callId, null]) {
      expect(await carl.ask('endCall', { to })).toEqual(refusal('call_not_found'));
    }
    for (const to of [ana.id, carl.id, 'nobody', callId, null]) {
      expect(await ana.ask('endCall', { to })).toEqual(refusal('call_not_found'));
    }
    await expectSilence();
    await expectLive(ana, ben, callId);
  });

  it('hanging up on the one when the call id given is of another call', async () => {
    const callId = await connect(ana, ben);
    const other = callIdOf(await carl.ask('call', { to: ben.id }));
    expect(await ana.ask('endCall', { to: ben.id, callId: other })).toEqual(
      refusal('call_not_found'),
    );
    forget(ben);
    await expectSilence();
    await expectLive(ana, ben, callId);
  });
});

describe('not_in_call: signalling past a call', () => {
  it.each(PHASES)('from and to anybody who has one that is %s', async (phase) => {
    const callId = await REACH[phase](ana, ben);
    for (const { event, content } of SIGNALS) {
      for (const [from, to] of [
        [carl, ana],
        [carl, ben],
        [ana, carl],
        [ben, carl],
      ] as const) {
        expect(await from.ask(event, { to: to.id, ...content })).toEqual(refusal('not_in_call'));
      }
      expect(await ana.ask(event, { to: 'nobody', ...content })).toEqual(refusal('not_in_call'));
    }
    await expectSilence();
    await expectLive(ana, ben, callId);
  });
});

describe('invalid_recipient: oneself', () => {
  it.each([
    ...SIGNALS.map(({ event, content }) => ({ event, content, field: 'to' })),
    { event: 'call', content: {}, field: 'to' },
    { event: 'call', content: {}, field: 'toUser' },
  ])('$event with its own id as $field, with and without a call', async (message) => {
    const toSelf = () => ana.ask(message.event, { ...message.content, [message.field]: ana.id });
    expect(await toSelf()).toEqual(refusal('invalid_recipient'));
    const callId = await connect(ana, ben);
    expect(await toSelf()).toEqual(refusal('invalid_recipient'));
    await expectSilence();
    await expectLive(ana, ben, callId);
  });
});

describe('unavailable: nobody there', () => {
  it.each(['to', 'toUser'])(
    'call with an unknown id, or one that has left, as %s',
    async (field) => {
      const gone = ben.id;
      await ben.close();
      expect(await ana.ask('call', { [field]: 'nobody' })).toEqual(refusal('unavailable'));
      expect(await ana.ask('call', { [field]: gone })).toEqual(refusal('unavailable'));
    },
  );
});
