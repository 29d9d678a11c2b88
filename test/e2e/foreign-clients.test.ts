import { callIdOf, callStage, heard } from '../support/calls.js';
import type { Peer } from '../support/peer.js';

/** What clients of other languages and of other people send, who mean well. */
const stage = callStage();
let ana: Peer;
let ben: Peer;

beforeEach(async () => {
  [ana, ben] = await stage.enter('protocol 2', 'protocol 2');
});

describe('a field that is null, as where a language cannot leave it out', () => {
  it('is left out, in every event that has such a field, and not relayed', async () => {
    const callId = callIdOf(await ana.ask('call', { to: ben.id, toUser: null }));
    expect(await ben.ask('ringing', { callId, to: null })).toEqual({ ok: true });
    expect(await ben.ask('accept', { callId, reason: null })).toMatchObject({ ok: true });
    const sdp = 'v=0';
    const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: null };
    const relayed = { ok: true, callId };
    expect(await ben.ask('offer', { to: ana.id, callId: null, sdp })).toEqual(relayed);
    expect(await ben.ask('candidate', { to: null, callId, candidate })).toEqual(relayed);
    expect(await ana.ask('answer', { to: null, callId, sdp })).toEqual(relayed);
    expect(await ana.ask('candidate', { to: ben.id, callId: null, candidate })).toEqual(relayed);
    await stage.settle();
    const fromBen = { callId, socketId: ben.id };
    expect(heard(ana).slice(2)).toEqual([
      ['offer', { sdp, ...fromBen }],
      ['candidate', { candidate, ...fromBen }],
    ]);
    const end = { to: ben.id, callId: null, scope: null, reason: null };
    expect(await ana.ask('endCall', end)).toEqual({ ok: true, callId, reason: 'hangup' });
  });

  it('is no payload, where none is needed', async () => {
    for (const event of ['getOnlineUsers', 'watchPresence', 'unwatchPresence'] as const) {
      expect(await ana.ask(event, null)).toMatchObject({ ok: true });
    }
  });
});
