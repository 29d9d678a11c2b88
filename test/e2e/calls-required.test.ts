import type { ClientEvent } from '../../src/protocol/events.js';
import {
  callStage,
  connect,
  CONNECT_MS,
  expectLive,
  forget,
  heard,
  PAIRS,
  refusal,
  ring,
  RING_MS,
} from '../support/calls.js';

const SIGNALS: { event: ClientEvent; content: object }[] = [
  { event: 'offer', content: { sdp: { type: 'offer', sdp: 'v=0' } } },
  { event: 'answer', content: { sdp: 'v=0' } },
  { event: 'candidate', content: { candidate: { candidate: '', sdpMid: '0' } } },
];

describe('with calls required', () => {
  const stage = callStage({ CALLS_REQUIRED: 'on' });

  it.each(SIGNALS)(
    'refuses $event without a call, whoever it is for, and even if nobody',
    async ({ event, content }) => {
      const [ana, ben] = await stage.enter('tutorial', 'protocol 2');
      for (const to of [ben.id, 'nobody']) {
        expect(await ana.ask(event, { ...content, to })).toEqual(refusal('not_in_call'));
      }
      expect(await ben.ask(event, { ...content, to: ana.id })).toEqual(refusal('not_in_call'));
      await stage.settle();
      expect([heard(ana), heard(ben)]).toEqual([[], []]);
    },
  );

  it.each(SIGNALS)('refuses $event from a caller before its call is accepted', async (signal) => {
    const { event, content } = signal;
    const [ana, ben] = await stage.enter('tutorial', 'protocol 2');
    const callId = await ring(ana, ben);
    for (const address of [{ to: ben.id }, { callId }]) {
      expect(await ana.ask(event, { ...content, ...address })).toEqual(refusal('call_conflict'));
    }
    await stage.settle();
    expect(heard(ben)).toEqual([]);
    // It has not counted as an early offer, and the call still rings.
    expect(await ben.ask('answer', { callId, sdp: 'v=0' })).toEqual(refusal('call_conflict'));
    expect(await ben.ask('accept', { callId })).toMatchObject({ ok: true });
  });

  it('relays the candidates of a device that rings, which accepts nothing', async () => {
    const [ana, ben] = await stage.enter('protocol 2', 'tutorial');
    const callId = await ring(ana, ben);
    expect(await ben.ask('candidate', { to: ana.id, candidate: null })).toEqual({
      ok: true,
      callId,
    });
    await stage.settle();
    expect(heard(ana)).toEqual([['candidate', { callId, socketId: ben.id, candidate: null }]]);
    stage.clock.advance(RING_MS);
    expect(await ben.ask('accept', { callId })).toEqual(refusal('call_not_found'));
  });

  it.each(PAIRS)('lets $caller and $callee talk in a call, and not after', async (versions) => {
    const [ana, ben] = await stage.enter(versions.caller, versions.callee);
    const callId = await connect(ana, ben);
    await expectLive(ana, ben, callId);
    for (const { event, content } of SIGNALS) {
      expect(await ana.ask(event, { ...content, to: ben.id })).toEqual({ ok: true, callId });
      expect(await ben.ask(event, { ...content, to: ana.id })).toEqual({ ok: true, callId });
    }
    await ana.ask('endCall', { to: ben.id });
    await stage.settle();
    forget(ana, ben);
    for (const { event, content } of SIGNALS) {
      expect(await ana.ask(event, { ...content, to: ben.id })).toEqual(refusal('not_in_call'));
    }
    await stage.settle();
    expect(heard(ben)).toEqual([]);
  });
});

describe('without calls required', () => {
  const stage = callStage({ CALLS_REQUIRED: 'off' });

  it.each(SIGNALS)('relays $event between peers without a call', async ({ event, content }) => {
    const [ana, ben, carl] = await stage.enter('tutorial', 'protocol 2', 'tutorial');
    expect(await ana.ask(event, { ...content, to: ben.id })).toEqual({ ok: true });
    expect(await ben.ask(event, { ...content, to: ana.id })).toEqual({ ok: true });
    expect(await ana.ask(event, { ...content, to: 'nobody' })).toEqual(refusal('unavailable'));
    await stage.settle();
    expect(heard(ben)).toEqual([[event, { ...content, socketId: ana.id }]]);
    expect(heard(ana)).toEqual([[event, { ...content, socketId: ben.id }]]);
    expect(heard(carl)).toEqual([]);
  });

  it('does so again once a call has ended', async () => {
    const [ana, ben, carl] = await stage.enter('tutorial', 'tutorial', 'tutorial');
    const message = { to: ana.id, sdp: 'v=0' };
    await connect(ana, ben);
    expect(await carl.ask('offer', message)).toEqual(refusal('not_in_call'));
    await ana.ask('endCall', { to: ben.id });
    expect(await carl.ask('offer', message)).toEqual({ ok: true });
    expect(await ben.ask('offer', message)).toEqual({ ok: true });
  });

  it.each(SIGNALS)("relays a caller's early $event, which accepts nothing", async (signal) => {
    const { event, content } = signal;
    const [ana, ben] = await stage.enter('tutorial', 'protocol 2');
    const callId = await ring(ana, ben);
    expect(await ana.ask(event, { ...content, to: ben.id })).toEqual({ ok: true, callId });
    await stage.settle();
    expect(heard(ben)).toEqual([[event, { ...content, callId, socketId: ana.id }]]);
    forget(ben);
    stage.clock.advance(RING_MS);
    await stage.settle();
    expect(heard(ben)).toEqual([['endCall', { callId, reason: 'timeout' }]]);
  });

  it.each(PAIRS)(
    'connects $caller with $callee by an answer to an early offer',
    async (versions) => {
      const [ana, ben] = await stage.enter(versions.caller, versions.callee);
      const callId = await ring(ana, ben);
      expect(await ana.ask('offer', { to: ben.id, sdp: 'v=0' })).toEqual({ ok: true, callId });
      expect(await ben.ask('answer', { to: ana.id, sdp: 'v=0' })).toEqual({ ok: true, callId });
      await stage.settle();
      const fromBen = { callId, socketId: ben.id };
      expect(heard(ana)).toEqual([
        ...(versions.caller === 'tutorial' ? [] : [['callAccepted', fromBen]]),
        ['answer', { ...fromBen, sdp: 'v=0' }],
      ]);
      forget(ana, ben);
      stage.clock.advance(RING_MS + CONNECT_MS);
      await expectLive(ana, ben, callId);
    },
  );
});
