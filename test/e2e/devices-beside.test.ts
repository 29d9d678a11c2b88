import {
  callIdOf,
  callStage,
  expectLive,
  forget,
  type Phase,
  PHASES,
  refusal,
  RING_MS,
  type Version,
} from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import type { Peer } from '../support/peer.js';
import { WITH_TOKENS } from '../support/tokens.js';

const stage = callStage(WITH_TOKENS);
const MODERN: Version = 'protocol 2';
const devices = <V extends Version[]>(sub: string, ...versions: V) =>
  stage.enterAs({ sub }, ...versions);

describe('another device of either user', () => {
  async function reach(phase: Phase, caller: Peer, callee: Peer): Promise<string> {
    const callId = callIdOf(await caller.ask('call', { to: callee.id }));
    if (phase !== 'ringing') await callee.ask('offer', { callId, sdp: 'v=0' });
    if (phase === 'connected') await caller.ask('answer', { callId, sdp: 'v=0' });
    return callId;
  }

  it.each(PHASES)('cannot call the other user beside a call that is %s', async (phase) => {
    const [ana, anasOther] = await devices('ana', MODERN, MODERN);
    const [ben, bensOther] = await devices('ben', MODERN, MODERN);
    const callId = await reach(phase, ana, ben);
    await stage.settle();
    forget(ana, ben);
    for (const address of [{ toUser: 'ben' }, { to: ben.id }, { to: bensOther.id }]) {
      expect(await anasOther.ask('call', address)).toEqual(refusal('call_conflict'));
    }
    for (const address of [{ toUser: 'ana' }, { to: ana.id }, { to: anasOther.id }]) {
      expect(await bensOther.ask('call', address)).toEqual(refusal('call_conflict'));
    }
    await stage.expectHeard([ana], [ben], [anasOther], [bensOther]);
    expect(await ana.ask('endCall', { callId })).toMatchObject({ ok: true, callId });
  });

  it('may call anybody else', async () => {
    const [ana, anasOther] = await devices('ana', MODERN, MODERN);
    const [[ben], [carl]] = await Promise.all([devices('ben', MODERN), devices('carl', MODERN)]);
    await reach('connected', ana, ben);
    expect(await anasOther.ask('call', { toUser: 'carl' })).toMatchObject({ ok: true, ringing: 1 });
    expect(await carl.next('call')).toMatchObject({ from: anasOther.id, userId: 'ana' });
  });

  it('answers by calling if it is rung: two users who call each other have one call', async () => {
    const [ana, anasOther] = await devices('ana', MODERN, MODERN);
    const [ben, bensOther] = await devices('ben', MODERN, MODERN);
    const replies = await Promise.all([
      ana.ask('call', { toUser: 'ben' }),
      bensOther.ask('call', { toUser: 'ana' }),
    ]);
    const callId = callIdOf(replies[0]);
    expect(replies.map(({ ok, ...rest }) => ok && rest)).toMatchObject([{ callId }, { callId }]);
    await stage.settle();
    const [caller, callee] =
      ana.all('callAccepted').length > 0 ? [ana, bensOther] : [bensOther, ana];
    expect(caller.all('callAccepted')).toEqual([{ callId, socketId: callee.id }]);
    const left = caller === ana ? ben : anasOther;
    expect(left.all('endCall')).toMatchObject([{ callId, reason: 'answered_elsewhere' }]);
    forget(ana, bensOther);
    await expectLive(ana, bensOther, callId);
  });
});

describe('a device with a client of the tutorial', () => {
  const inCallWith = (peer: Peer) => ({ socketId: peer.id });

  it('rings beside others, takes the call by its offer, and hears no word of part 2', async () => {
    const [ana] = await devices('ana', MODERN);
    const [old, modern] = await devices('ben', 'tutorial', MODERN);
    const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
    const call = { from: ana.id, userId: 'ana', callId, expiresInMs: RING_MS };
    await modern.ask('ringing', { callId });
    await stage.expectHeard(
      [old, ['call', call]],
      [modern, ['call', call]],
      [ana, ['ringing', { callId, ...inCallWith(modern) }]],
    );
    expect(await old.ask('offer', { to: ana.id, sdp: 'v=0' })).toEqual({ ok: true, callId });
    const claim = { callId, ...inCallWith(old) };
    await stage.expectHeard(
      [old],
      [modern, ['endCall', { ...claim, reason: 'answered_elsewhere' }]],
      [ana, ['callAccepted', claim], ['offer', { ...claim, sdp: 'v=0' }]],
    );
    await expectLive(ana, old, callId);
  });

  it('hears as the end of the ring that another took the call', async () => {
    const [ana] = await devices('ana', 'tutorial');
    const [old, modern] = await devices('ben', 'tutorial', MODERN);
    const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
    await modern.ask('accept', { callId });
    await stage.settle();
    forget(modern);
    expect(old.all('endCall')).toEqual([
      { callId, ...inCallWith(modern), reason: 'answered_elsewhere' },
    ]);
    forget(old);
    await stage.expectHeard([old], [ana]); // whose client knows nothing of acceptance
    await expectLive(ana, modern, callId);
  });

  it('is left alone in its own call, while the others ring', async () => {
    const [[ana], [carl]] = [await devices('ana', MODERN), await devices('carl', MODERN)];
    const [old, modern] = await devices('ben', 'tutorial', MODERN);
    const running = callIdOf(await carl.ask('call', { to: old.id }));
    await old.ask('offer', { to: carl.id, sdp: 'v=0' });
    await stage.settle();
    forget(old, carl);
    expect(await ana.ask('call', { to: old.id })).toEqual(refusal('busy'));
    const reply = await ana.ask('call', { toUser: 'ben' });
    expect(reply).toMatchObject({ ok: true, ringing: 1 });
    await modern.ask('endCall', { callId: callIdOf(reply) });
    await stage.expectHeard([old], [carl]);
    await expectLive(carl, old, running);
  });
});

describe('names', () => {
  it('are listed for each device', async () => {
    const [phone, laptop] = await devices('ana', MODERN, 'tutorial');
    await phone.ask('register', 'Ana');
    await laptop.ask('register', 'Ana at work');
    await laptop.ask('getOnlineUsers');
    expect(await laptop.next('onlineUsers')).toEqual({
      [phone.id]: 'Ana',
      [laptop.id]: 'Ana at work',
    });
  });

  it.each(['tutorial', 'protocol 2'] as const)(
    'come with the token, and are not for a client of %s to change',
    async (version) => {
      const [ben] = await devices('ben', MODERN);
      const [ana] = await stage.enterAs({ sub: 'ana', name: 'Ana' }, version);
      await eventually(() => expect(ben.all('userConnected')).toHaveLength(1));
      expect(await ana.ask('register', 'Mallory')).toEqual({ ok: true, name: 'Ana' });
      await ana.ask('getOnlineUsers');
      expect(await ana.next('onlineUsers')).toEqual({ [ana.id]: 'Ana' });
      await ana.ask('call', { toUser: 'ben' });
      expect(await ben.next('call')).toMatchObject({ from: ana.id, userId: 'ana', name: 'Ana' });
    },
  );
});
