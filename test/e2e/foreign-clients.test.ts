import {
  callIdOf,
  callStage,
  forget,
  heard,
  type Phase,
  REACH,
  refusal,
} from '../support/calls.js';
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

describe('what ends a call, whatever stands beside it', () => {
  const REASONS = {
    ringing: { ana: 'cancelled', ben: 'declined' },
    accepted: { ana: 'hangup', ben: 'hangup' },
    connected: { ana: 'hangup', ben: 'hangup' },
  };
  const DETAILS: object[] = [
    { reason: 'cancelled' },
    { reason: 'hangup' },
    { reason: 'timeout' },
    { reason: 'my own words, "quoted" \u{1f44b}' },
    { reason: 'x'.repeat(50_000) },
    { reason: { code: 1000, nested: [{ deep: true }] } },
    { reason: ['busy'] },
    { reason: 1 },
    { reason: false },
    { scope: 'everybody' },
    { scope: 0, reason: null },
  ];

  describe.each(Object.entries(REASONS))('%s', (phase, reasons) => {
    it.each(['ana', 'ben'] as const)('ends it, as the protocol has it, for %s', async (who) => {
      for (const detail of DETAILS) {
        const callId = await REACH[phase as Phase](ana, ben);
        const [actor, other] = who === 'ana' ? [ana, ben] : [ben, ana];
        const reason = reasons[who];
        const address = detail === DETAILS[0] ? { to: other.id } : { callId };
        const reply = await actor.ask('endCall', { ...address, ...detail });
        expect({ detail, reply }).toEqual({ detail, reply: { ok: true, callId, reason } });
        await stage.expectHeard(
          [actor],
          [other, ['endCall', { callId, socketId: actor.id, reason }]],
        );
      }
    });
  });

  it.each([0, '', {}, ['id'], 'x'.repeat(300)])(
    'is found by the address that is one',
    async (no) => {
      const first = await REACH.ringing(ana, ben);
      const cancelled = { ok: true, reason: 'cancelled' };
      expect(await ana.ask('endCall', { to: no, callId: first })).toMatchObject(cancelled);
      await REACH.ringing(ana, ben);
      expect(await ana.ask('endCall', { to: ben.id, callId: no })).toMatchObject(cancelled);
      forget(ana, ben);
    },
  );

  it('is not another call than the one that is named', async () => {
    const over = await REACH.ringing(ana, ben);
    await ana.ask('endCall', { callId: over });
    const callId = await REACH.ringing(ana, ben);
    const reply = await ana.ask('endCall', { to: ben.id, callId: over });
    expect(reply).toEqual(refusal('call_not_found'));
    expect(await ana.ask('endCall', { callId })).toMatchObject({ ok: true });
  });
});
