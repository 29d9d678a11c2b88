import {
  AGE_MS,
  callIdOf,
  callStage,
  connect,
  CONNECT_MS,
  expectLive,
  forget,
  heard,
  PAIRS,
  type Phase,
  PHASES,
  REACH,
  refusal,
  ring,
  RING_MS,
  Stage,
  VERSIONS,
} from '../support/calls.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Peer } from '../support/peer.js';

type Side = 'caller' | 'callee';
const SIDES: Side[] = ['caller', 'callee'];
const BOTH_SIDES_OF_EACH_PHASE = PHASES.flatMap((phase) => SIDES.map((who) => ({ phase, who })));

describe.each(PAIRS)('a call from $caller to $callee', (versions) => {
  const stage = callStage();
  let ana: Peer;
  let ben: Peer;
  let bystander: Peer;

  beforeEach(async () => {
    [ana, ben, bystander] = await stage.enter(versions.caller, versions.callee, 'protocol 2');
  });

  function sides(who: Side): { actor: Peer; other: Peer } {
    return who === 'caller' ? { actor: ana, other: ben } : { actor: ben, other: ana };
  }

  /** The call has ended, each of the two has heard exactly this, and nobody else anything. */
  async function expectEnd(
    callId: string,
    toCaller: object | null,
    toCallee: object | null,
  ): Promise<void> {
    for (const peer of [ana, ben].filter(({ socket }) => socket.connected)) {
      expect(await peer.ask('endCall', { callId })).toEqual(refusal('call_not_found'));
    }
    await stage.settle();
    const told = (end: object | null) => (end === null ? [] : [['endCall', { callId, ...end }]]);
    expect(heard(ana)).toEqual(told(toCaller));
    expect(heard(ben)).toEqual(told(toCallee));
    expect(heard(bystander)).toEqual([]);
  }

  /** Told to the side that did not end it. */
  function expectEndBy(who: Side, callId: string, end: object): Promise<void> {
    return who === 'caller' ? expectEnd(callId, null, end) : expectEnd(callId, end, null);
  }

  it.each<{ phase: Phase; who: Side; proposed: string; reason: string }>([
    { phase: 'ringing', who: 'caller', proposed: 'none', reason: 'cancelled' },
    { phase: 'ringing', who: 'caller', proposed: 'busy', reason: 'cancelled' },
    { phase: 'ringing', who: 'caller', proposed: 'failed', reason: 'cancelled' },
    { phase: 'ringing', who: 'callee', proposed: 'none', reason: 'declined' },
    { phase: 'ringing', who: 'callee', proposed: 'busy', reason: 'busy' },
    { phase: 'ringing', who: 'callee', proposed: 'failed', reason: 'declined' },
    { phase: 'accepted', who: 'caller', proposed: 'none', reason: 'hangup' },
    { phase: 'accepted', who: 'callee', proposed: 'none', reason: 'hangup' },
    { phase: 'accepted', who: 'caller', proposed: 'failed', reason: 'failed' },
    { phase: 'accepted', who: 'callee', proposed: 'failed', reason: 'failed' },
    { phase: 'accepted', who: 'callee', proposed: 'busy', reason: 'hangup' },
    { phase: 'connected', who: 'caller', proposed: 'none', reason: 'hangup' },
    { phase: 'connected', who: 'callee', proposed: 'none', reason: 'hangup' },
    { phase: 'connected', who: 'caller', proposed: 'failed', reason: 'failed' },
    { phase: 'connected', who: 'callee', proposed: 'busy', reason: 'hangup' },
  ])(
    'is $reason if, once $phase, the $who ends it and proposes $proposed',
    async ({ phase, who, proposed, reason }) => {
      const callId = await REACH[phase](ana, ben);
      const { actor, other } = sides(who);
      const end = { to: other.id, ...(proposed === 'none' ? {} : { reason: proposed }) };
      expect(await actor.ask('endCall', end)).toEqual({ ok: true, callId, reason });
      await expectEndBy(who, callId, { socketId: actor.id, reason });
    },
  );

  it('is declined by its only device for the user too', async () => {
    const callId = await ring(ana, ben);
    const end = { ok: true, callId, reason: 'declined' };
    expect(await ben.ask('endCall', { callId, scope: 'device' })).toEqual(end);
    await expectEnd(callId, { socketId: ben.id, reason: 'declined' }, null);
  });

  it('ends once if both hang up at the same time', async () => {
    const callId = await connect(ana, ben);
    const replies = await Promise.all([
      ana.ask('endCall', { to: ben.id }),
      ben.ask('endCall', { to: ana.id }),
    ]);
    const first = replies[0].ok ? 'caller' : 'callee';
    const { actor } = sides(first);
    expect(replies).toContainEqual({ ok: true, callId, reason: 'hangup' });
    expect(replies).toContainEqual(refusal('call_not_found'));
    await expectEndBy(first, callId, { socketId: actor.id, reason: 'hangup' });
  });

  it('is timeout if nobody answers, and not a moment before', async () => {
    const callId = await ring(ana, ben);
    stage.clock.advance(RING_MS - 1);
    await expectLive(ana, ben, callId);
    stage.clock.advance(1);
    await expectEnd(callId, { reason: 'timeout' }, { reason: 'timeout' });
  });

  it('is timeout if it never connects, counted from when it was accepted', async () => {
    const callId = await ring(ana, ben);
    stage.clock.advance(RING_MS - 1);
    expect(await ben.ask('accept', { callId })).toMatchObject({ ok: true });
    await stage.settle();
    forget(ana);
    stage.clock.advance(CONNECT_MS - 1);
    await expectLive(ana, ben, callId);
    stage.clock.advance(1);
    await expectEnd(callId, { reason: 'timeout' }, { reason: 'timeout' });
  });

  it('is expired a day after it was placed, however well it goes', async () => {
    const callId = await ring(ana, ben);
    stage.clock.advance(RING_MS - 1);
    await ben.ask('offer', { to: ana.id, sdp: 'v=0' });
    await ana.ask('answer', { to: ben.id, sdp: 'v=0' });
    await stage.settle();
    forget(ana, ben);
    stage.clock.advance(AGE_MS - RING_MS);
    await expectLive(ana, ben, callId);
    stage.clock.advance(1);
    await expectEnd(callId, { reason: 'expired' }, { reason: 'expired' });
  });

  it.each(BOTH_SIDES_OF_EACH_PHASE)(
    'is disconnected if, once $phase, the $who is gone',
    async ({ phase, who }) => {
      const callId = await REACH[phase](ana, ben);
      const { actor, other } = sides(who);
      const socketId = actor.id;
      await actor.close();
      expect(await other.next('endCall')).toEqual({ callId, socketId, reason: 'disconnected' });
      expect(await other.ask('endCall', { callId })).toEqual(refusal('call_not_found'));
      await stage.settle();
      expect([heard(ana), heard(ben), heard(bystander)]).toEqual([[], [], []]);
    },
  );
});

describe.each(VERSIONS)(
  'a tutorial client that has lost track of its call with a %s',
  (version) => {
    const stage = callStage();

    it.each(SIDES)('and calls anew, having been %s, replaces it by a ringing one', async (who) => {
      const [ana, ben, bystander] = await stage.enter('tutorial', version, 'protocol 2');
      const callId = await (who === 'caller' ? connect(ana, ben) : connect(ben, ana));

      const again = await ana.ask('call', { to: ben.id });
      const newId = callIdOf(again);
      expect(again).toEqual({
        ok: true,
        callId: newId,
        role: 'caller',
        ringing: 1,
        expiresInMs: RING_MS,
      });
      expect(newId).not.toBe(callId);
      await stage.settle();
      expect(heard(ben)).toEqual([
        ['endCall', { callId, socketId: ana.id, reason: 'replaced' }],
        ['call', { from: ana.id, userId: ana.id, callId: newId, expiresInMs: RING_MS }],
      ]);
      expect(heard(ana)).toEqual([]);
      expect(heard(bystander)).toEqual([]);
      expect(await ben.ask('endCall', { callId })).toEqual(refusal('call_not_found'));
      expect(await ben.ask('offer', { to: ana.id, sdp: 'v=0' })).toEqual({
        ok: true,
        callId: newId,
      });
    });
  },
);

it('is shutdown for both, whatever the state, when the server stops', async () => {
  const stage = new Stage({}, new ManualClock());
  await stage.open();
  const calls = await Promise.all(
    PHASES.map(async (phase) => {
      const [ana, ben] = await stage.enter('tutorial', 'tutorial');
      return { ana, ben, callId: await REACH[phase](ana, ben) };
    }),
  );
  const [bystander] = await stage.enter('tutorial');

  await stage.close();
  await stage.deserted();
  await stage.clear();
  for (const { ana, ben, callId } of calls) {
    const end = ['endCall', { callId, reason: 'shutdown' }];
    expect([heard(ana), heard(ben)]).toEqual([[end], [end]]);
  }
  expect(heard(bystander)).toEqual([]);
});
