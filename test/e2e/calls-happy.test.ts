import {
  callIdOf,
  callStage,
  CONNECT_MS,
  forget,
  heard,
  PAIRS,
  RING_MS,
  SOME_TEXT,
} from '../support/calls.js';
import type { Peer } from '../support/peer.js';

const OFFER = { type: 'offer', sdp: 'v=0\r\noffer' };
const ANSWER = { type: 'answer', sdp: 'v=0\r\nanswer' };
const CANDIDATE = {
  candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
  usernameFragment: null,
};

const stage = callStage();

describe('a whole call between two clients of protocol 2', () => {
  it.each([
    { by: 'socket id', address: (peer: Peer) => ({ to: peer.id }) },
    { by: 'call id', address: (_: Peer, callId: string) => ({ callId }) },
    {
      by: 'both, of which the call id counts',
      address: (_: Peer, callId: string) => ({ to: 'nobody', callId }),
    },
  ])('addressed by $by, with every acknowledgement and event as published', async ({ address }) => {
    const [ana, ben, bystander] = await stage.enter('protocol 2', 'protocol 2', 'protocol 2');
    await ana.ask('register', 'Ana');
    await stage.settle();
    forget(ana, ben, bystander);

    const placed = await ana.ask('call', { to: ben.id });
    expect(placed).toEqual({
      ok: true,
      callId: SOME_TEXT,
      role: 'caller',
      ringing: 1,
      expiresInMs: RING_MS,
    });
    const callId = callIdOf(placed);
    const toAna = address(ana, callId);
    const toBen = address(ben, callId);
    const relayed = { ok: true, callId };

    expect(await ben.ask('ringing', { callId })).toEqual({ ok: true });
    expect(await ben.ask('ringing', { callId })).toEqual({ ok: true });
    stage.clock.advance(RING_MS - 1);
    expect(await ben.ask('accept', { callId })).toEqual({
      ok: true,
      callId,
      socketId: ana.id,
      expiresInMs: CONNECT_MS,
    });
    expect(await ben.ask('offer', { ...toAna, sdp: OFFER })).toEqual(relayed);
    expect(await ben.ask('candidate', { ...toAna, candidate: CANDIDATE })).toEqual(relayed);
    expect(await ben.ask('candidate', { ...toAna, candidate: null })).toEqual(relayed);
    stage.clock.advance(CONNECT_MS - 1);
    expect(await ana.ask('answer', { ...toBen, sdp: ANSWER })).toEqual(relayed);
    expect(await ana.ask('candidate', { ...toBen, candidate: CANDIDATE })).toEqual(relayed);
    stage.clock.advance(10 * (RING_MS + CONNECT_MS));

    // Either side may negotiate anew.
    expect(await ana.ask('offer', { ...toBen, sdp: OFFER.sdp })).toEqual(relayed);
    expect(await ben.ask('answer', { ...toAna, sdp: ANSWER.sdp })).toEqual(relayed);
    expect(await ben.ask('endCall', toAna)).toEqual({ ok: true, callId, reason: 'hangup' });

    await stage.settle();
    const fromBen = { callId, socketId: ben.id };
    expect(heard(ana)).toEqual([
      ['ringing', fromBen],
      ['callAccepted', fromBen],
      ['offer', { ...fromBen, sdp: OFFER }],
      ['candidate', { ...fromBen, candidate: CANDIDATE }],
      ['candidate', { ...fromBen, candidate: null }],
      ['answer', { ...fromBen, sdp: ANSWER.sdp }],
      ['endCall', { ...fromBen, reason: 'hangup' }],
    ]);
    const fromAna = { callId, socketId: ana.id };
    expect(heard(ben)).toEqual([
      ['call', { from: ana.id, name: 'Ana', userId: ana.id, callId, expiresInMs: RING_MS }],
      ['answer', { ...fromAna, sdp: ANSWER }],
      ['candidate', { ...fromAna, candidate: CANDIDATE }],
      ['offer', { ...fromAna, sdp: OFFER.sdp }],
    ]);
    expect(heard(bystander)).toEqual([]);
  });

  it('rings a user as it rings a connection, whose user it is', async () => {
    const [ana, ben] = await stage.enter('protocol 2', 'protocol 2');
    const callId = callIdOf(await ana.ask('call', { toUser: ben.id }));
    await stage.settle();
    expect(heard(ben)).toEqual([
      ['call', { from: ana.id, userId: ana.id, callId, expiresInMs: RING_MS }],
    ]);
    expect(await ana.ask('endCall', { to: ben.id })).toMatchObject({ callId });
  });

  it('gives every call an id of its own', async () => {
    const [ana, ben] = await stage.enter('protocol 2', 'protocol 2');
    const first = callIdOf(await ana.ask('call', { to: ben.id }));
    await ana.ask('endCall', { callId: first });
    expect(callIdOf(await ana.ask('call', { to: ben.id }))).not.toBe(first);
  });
});

it.each(PAIRS)(
  'carries what a tutorial does, without acknowledgements, from $caller to $callee',
  async ({ caller, callee }) => {
    const [ana, ben] = await stage.enter(caller, callee);
    ana.tell('call', { to: ben.id });
    const { callId } = await ben.next('call');

    // Each message waits for the one before: they come from two connections.
    ben.tell('offer', { to: ana.id, sdp: OFFER });
    ben.tell('candidate', { to: ana.id, candidate: CANDIDATE });
    await stage.settle();
    ana.tell('answer', { to: ben.id, sdp: ANSWER });
    ana.tell('candidate', { to: ben.id, candidate: null });
    await stage.settle();
    ana.tell('endCall', { to: ben.id });
    await stage.settle();

    const fromBen = { callId, socketId: ben.id };
    expect(heard(ana)).toEqual([
      ...(caller === 'tutorial' ? [] : [['callAccepted', fromBen]]),
      ['offer', { ...fromBen, sdp: OFFER }],
      ['candidate', { ...fromBen, candidate: CANDIDATE }],
    ]);
    const fromAna = { callId, socketId: ana.id };
    expect(heard(ben)).toEqual([
      ['answer', { ...fromAna, sdp: ANSWER }],
      ['candidate', { ...fromAna, candidate: null }],
      ['endCall', { ...fromAna, reason: 'hangup' }],
    ]);
  },
);

it('lets a callee of protocol 2 do all it can without a tutorial caller hearing of it', async () => {
  const [ana, ben] = await stage.enter('tutorial', 'protocol 2');
  ana.tell('call', { to: ben.id });
  const { callId } = await ben.next('call');
  expect(await ben.ask('ringing', { callId })).toEqual({ ok: true });
  expect(await ben.ask('accept', { callId })).toMatchObject({ ok: true });
  await stage.settle();
  expect(heard(ana)).toEqual([]);

  expect(await ben.ask('offer', { callId, sdp: OFFER })).toEqual({ ok: true, callId });
  await stage.settle();
  expect(heard(ana)).toEqual([['offer', { callId, socketId: ben.id, sdp: OFFER }]]);
});
