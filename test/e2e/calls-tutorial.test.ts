import {
  accept,
  callIdOf,
  callStage,
  connect,
  expectLive,
  forget,
  heard,
  refusal,
  ring,
  RING_MS,
  VERSIONS,
} from '../support/calls.js';
import type { Peer } from '../support/peer.js';
import type { ClientEvent } from '../../src/protocol/events.js';
import type { ErrorCode } from '../../src/protocol/signaling-error.js';

const stage = callStage();

/** Ana, who is the tutorial client, is in a call; in the last state without having placed it. */
const ENGAGED: { doing: string; engage: (ana: Peer, ben: Peer) => Promise<string> }[] = [
  { doing: 'calling', engage: ring },
  { doing: 'waiting for its call to connect', engage: accept },
  { doing: 'talking', engage: connect },
  { doing: 'waiting for a call it accepted to connect', engage: (ana, ben) => accept(ben, ana) },
  { doing: 'talking after having been called', engage: (ana, ben) => connect(ben, ana) },
];

describe.each(ENGAGED)('a tutorial client that is $doing', ({ engage }) => {
  it.each(VERSIONS)('is busy for any other %s', async (version) => {
    const [ana, ben, carl] = await stage.enter('tutorial', version, version);
    const callId = await engage(ana, ben);
    expect(await carl.ask('call', { to: ana.id })).toEqual(refusal('busy'));
    expect(await carl.ask('call', { toUser: ana.id })).toEqual(refusal('busy'));
    await stage.settle();
    expect([heard(ana), heard(ben), heard(carl)]).toEqual([[], [], []]);
    await expectLive(ana, ben, callId);
  });

  it.each(VERSIONS)('ends that call as replaced when it calls another %s', async (version) => {
    const [ana, ben, carl] = await stage.enter('tutorial', version, version);
    const callId = await engage(ana, ben);
    const newId = callIdOf(await ana.ask('call', { to: carl.id }));
    await stage.settle();
    expect(heard(ana)).toEqual([]);
    expect(heard(ben)).toEqual([['endCall', { callId, socketId: ana.id, reason: 'replaced' }]]);
    expect(heard(carl)).toEqual([
      ['call', { from: ana.id, userId: ana.id, callId: newId, expiresInMs: RING_MS }],
    ]);
    forget(ben, carl);
    await expectLive(ana, carl, newId);
  });

  it('keeps that call when another one is refused', async () => {
    const [ana, ben, carl, dora] = await stage.enter(
      'tutorial',
      'tutorial',
      'tutorial',
      'tutorial',
    );
    const callId = await engage(ana, ben);
    await ring(carl, dora);
    expect(await ana.ask('call', { to: carl.id })).toEqual(refusal('busy'));
    expect(await ana.ask('call', { to: 'nobody' })).toEqual(refusal('unavailable'));
    expect(await ana.ask('call', { to: ana.id })).toEqual(refusal('invalid_recipient'));
    await stage.settle();
    expect([heard(ana), heard(ben), heard(carl)]).toEqual([[], [], []]);
    await expectLive(ana, ben, callId);
  });
});

describe('a tutorial client that only rings', () => {
  it('is not busy: one caller cannot keep the others out', async () => {
    const [ana, ben, carl] = await stage.enter('tutorial', 'tutorial', 'protocol 2');
    const fromBen = await ring(ben, ana);
    const fromCarl = await ring(carl, ana);
    await expectLive(ben, ana, fromBen);
    await expectLive(carl, ana, fromCarl);
  });

  it('hears that a caller has given up, and rings on for the other', async () => {
    const [ana, ben, carl] = await stage.enter('tutorial', 'tutorial', 'protocol 2');
    const fromBen = await ring(ben, ana);
    const fromCarl = await ring(carl, ana);
    await carl.ask('endCall', { to: ana.id });
    await stage.settle();
    const end = { callId: fromCarl, socketId: carl.id, reason: 'cancelled' };
    expect(heard(ana)).toEqual([['endCall', end]]);
    forget(ana);
    await expectLive(ben, ana, fromBen);
  });

  it.each([
    { how: 'offers', take: (ana: Peer, ben: Peer) => ana.ask('offer', { to: ben.id, sdp: 'v=0' }) },
    { how: 'calls back', take: (ana: Peer, ben: Peer) => ana.ask('call', { to: ben.id }) },
    {
      how: 'says so',
      take: (ana: Peer, _: Peer, callId: string) => ana.ask('accept', { callId }),
    },
  ])('turns all other rings away as busy when it $how to accept one', async ({ take }) => {
    const [ana, ben, carl, dora] = await stage.enter(
      'tutorial',
      'tutorial',
      'tutorial',
      'protocol 2',
    );
    const fromCarl = await ring(carl, ana);
    const fromBen = await ring(ben, ana);
    const fromDora = await ring(dora, ana);

    expect(await take(ana, ben, fromBen)).toMatchObject({ ok: true, callId: fromBen });
    await stage.settle();
    expect(heard(ana)).toEqual([]);
    const busy = { socketId: ana.id, reason: 'busy' };
    expect(heard(carl)).toEqual([['endCall', { callId: fromCarl, ...busy }]]);
    expect(heard(dora)).toEqual([['endCall', { callId: fromDora, ...busy }]]);
    forget(ben, carl, dora);
    await expectLive(ana, ben, fromBen);
    expect(await dora.ask('endCall', { callId: fromDora })).toEqual(refusal('call_not_found'));
  });

  it('turns all rings away as busy when it calls somebody else', async () => {
    const [ana, ben, carl] = await stage.enter('tutorial', 'protocol 2', 'tutorial');
    const fromBen = await ring(ben, ana);
    const callId = await ring(ana, carl);
    await stage.settle();
    const busy = { callId: fromBen, socketId: ana.id, reason: 'busy' };
    expect([heard(ana), heard(ben)]).toEqual([[], [['endCall', busy]]]);
    await expectLive(ana, carl, callId);
  });

  it('keeps its rings when the call it tries to place is refused', async () => {
    const [ana, ben] = await stage.enter('tutorial', 'protocol 2');
    const callId = await ring(ben, ana);
    expect(await ana.ask('call', { to: 'nobody' })).toEqual(refusal('unavailable'));
    await expectLive(ben, ana, callId);
  });
});

describe('a tutorial client and the other party of its call', () => {
  it('are not busy for each other', async () => {
    const [ana, ben] = await stage.enter('tutorial', 'tutorial');
    const callId = await accept(ana, ben);
    for (const [one, other, role] of [
      [ana, ben, 'caller'],
      [ben, ana, 'callee'],
    ] as const) {
      expect(await one.ask('call', { to: other.id })).toMatchObject({ ok: true, callId, role });
    }
    await stage.settle();
    expect([heard(ana), heard(ben)]).toEqual([[], []]);
  });

  it('have one call if both call: the second to do so is the callee, who offers', async () => {
    const [ana, ben] = await stage.enter('tutorial', 'tutorial');
    const callId = await ring(ana, ben);
    expect(await ben.ask('call', { to: ana.id })).toMatchObject({
      ok: true,
      callId,
      role: 'callee',
    });
    await stage.settle();
    expect([heard(ana), heard(ben)]).toEqual([[], []]);
    expect(await ben.ask('offer', { to: ana.id, sdp: 'v=0' })).toEqual({ ok: true, callId });
  });
});

type Message = [event: ClientEvent, payload: object, refused: ErrorCode];

/** What Mallory tries on the call of Ana and Ben, whose ids she has, and has guessed. */
const ATTACKS: { attack: string; messages: (to: string, callId: string) => Message[] }[] = [
  {
    attack: 'hang it up',
    messages: (to, callId) => [
      ['endCall', { to }, 'call_not_found'],
      ['endCall', { callId }, 'call_not_found'],
      ['endCall', { callId, to }, 'call_not_found'],
    ],
  },
  {
    attack: 'call in and cancel',
    messages: (to) => [
      ['call', { to }, 'busy'],
      ['endCall', { to }, 'call_not_found'],
    ],
  },
  { attack: 'call in and let it ring out', messages: (to) => [['call', { toUser: to }, 'busy']] },
  {
    attack: 'signal into it',
    messages: (to) => [
      ['offer', { to, sdp: 'v=0' }, 'not_in_call'],
      ['answer', { to, sdp: 'v=0' }, 'not_in_call'],
      ['candidate', { to, candidate: null }, 'not_in_call'],
    ],
  },
  {
    attack: 'join it',
    messages: (_, callId) => [
      ['ringing', { callId }, 'call_not_found'],
      ['accept', { callId }, 'call_not_found'],
      ['offer', { callId, sdp: 'v=0' }, 'call_not_found'],
      ['answer', { callId, sdp: 'v=0' }, 'call_not_found'],
      ['candidate', { callId, candidate: null }, 'call_not_found'],
    ],
  },
];

describe.each(VERSIONS)('when two tutorial clients talk, a %s', (version) => {
  it.each(ATTACKS)('cannot $attack', async ({ messages }) => {
    const [ana, ben, mallory] = await stage.enter('tutorial', 'tutorial', version);
    const callId = await connect(ana, ben);
    for (const victim of [ana, ben]) {
      for (const [event, payload, code] of messages(victim.id, callId)) {
        expect(await mallory.ask(event, payload)).toEqual(refusal(code));
      }
    }
    stage.clock.advance(RING_MS);
    await stage.settle();
    expect([heard(ana), heard(ben), heard(mallory)]).toEqual([[], [], []]);
    await expectLive(ana, ben, callId);
  });

  it('cannot get at them with a ring from before', async () => {
    const [ana, ben, mallory] = await stage.enter('tutorial', 'tutorial', version);
    const rung = await ring(mallory, ana);
    const callId = await connect(ben, ana);
    await stage.settle();
    expect(heard(mallory)).toEqual([
      ['endCall', { callId: rung, socketId: ana.id, reason: 'busy' }],
    ]);
    expect(await mallory.ask('endCall', { to: ana.id })).toEqual(refusal('call_not_found'));
    stage.clock.advance(RING_MS);
    await mallory.close();
    await stage.settle();
    expect([heard(ana), heard(ben)]).toEqual([[], []]);
    await expectLive(ana, ben, callId);
  });
});
