import type { ClientEvent } from '../../src/protocol/events.js';
import { CALL_MAX_DEVICES } from '../../src/protocol/limits.js';
import {
  callIdOf,
  callStage,
  expectLive,
  forget,
  heard,
  refusal,
  RING_MS,
  type Version,
} from '../support/calls.js';
import type { Peer } from '../support/peer.js';
import { WITH_TOKENS } from '../support/tokens.js';

// With tokens calls are required whatever this says.
const stage = callStage({
  ...WITH_TOKENS,
  CALLS_REQUIRED: 'off',
  MAX_CONNECTIONS_PER_USER: '20',
});

const MODERN: Version = 'protocol 2';

const devices = <V extends Version[]>(sub: string, ...versions: V) =>
  stage.enterAs({ sub }, ...versions);

/** Ana calls Ben, whose devices have heard of it. */
async function ringAll(ana: Peer, ...rung: Peer[]): Promise<string> {
  const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
  await stage.settle();
  expect(rung.flatMap((device) => device.all('call'))).toHaveLength(rung.length);
  forget(ana, ...rung);
  return callId;
}

describe('a call to a user', () => {
  it('rings every device, and each is told the same', async () => {
    const [ana] = await devices('ana', MODERN);
    const ben = await devices('ben', 'protocol 2', 'tutorial', 'protocol 2');
    const { callId, ...answer } = (await ana.ask('call', { toUser: 'ben' })) as Record<
      string,
      unknown
    >;
    expect(answer).toEqual({ ok: true, role: 'caller', ringing: 3, expiresInMs: RING_MS });
    const call = { from: ana.id, userId: 'ana', callId, expiresInMs: RING_MS };
    await stage.expectHeard(...ben.map((device): [Peer, unknown[]] => [device, ['call', call]]));
  });

  it('to one device rings that one alone', async () => {
    const [ana] = await devices('ana', MODERN);
    const [phone, laptop] = await devices('ben', MODERN, MODERN);
    const reply = await ana.ask('call', { to: phone.id });
    expect(reply).toMatchObject({ ok: true, ringing: 1 });
    expect(await laptop.ask('accept', { callId: callIdOf(reply) })).toEqual(
      refusal('call_not_found'),
    );
    await stage.settle();
    expect([phone.all('call').length, heard(laptop)]).toEqual([1, []]);
  });

  it('does not ring a device that connects later', async () => {
    const [ana] = await devices('ana', MODERN);
    const [phone] = await devices('ben', MODERN);
    const callId = await ringAll(ana, phone);
    const [laptop] = await devices('ben', MODERN);
    expect(await laptop.ask('accept', { callId })).toEqual(refusal('call_not_found'));
    expect(await laptop.ask('offer', { to: ana.id, sdp: 'v=0' })).toEqual(refusal('not_in_call'));
    expect(await laptop.ask('endCall', { to: ana.id })).toEqual(refusal('call_not_found'));
    expect(await ana.ask('call', { toUser: 'ben' })).toMatchObject({ callId, ringing: 1 });
    await phone.ask('accept', { callId });
    await stage.expectHeard([laptop], [ana, ['callAccepted', { callId, socketId: phone.id }]]);
  });

  it(`rings ${CALL_MAX_DEVICES} devices at most`, async () => {
    const [ana] = await devices('ana', MODERN);
    const versions = Array<Version>(CALL_MAX_DEVICES + 2).fill('protocol 2');
    const ben = await devices('ben', ...versions);
    const reply = await ana.ask('call', { toUser: 'ben' });
    expect(reply).toMatchObject({ ok: true, ringing: CALL_MAX_DEVICES });
    await stage.settle();
    expect(ben.flatMap((device) => device.all('call'))).toHaveLength(CALL_MAX_DEVICES);
  });

  it('is not for oneself, on whichever device', async () => {
    const [ana, other] = await devices('ana', MODERN, MODERN);
    const toOneself: [ClientEvent, object][] = [
      ['call', { toUser: 'ana' }],
      ['call', { to: other.id }],
      ['offer', { to: other.id, sdp: 'v=0' }],
      ['answer', { to: other.id, sdp: 'v=0' }],
      ['candidate', { to: other.id, candidate: null }],
    ];
    for (const [event, payload] of toOneself) {
      expect(await ana.ask(event, payload)).toEqual(refusal('invalid_recipient'));
    }
    await stage.expectHeard([ana], [other]);
  });

  it('is needed for every offer', async () => {
    const [ana] = await devices('ana', 'tutorial');
    const [ben] = await devices('ben', MODERN);
    const offer = { to: ben.id, sdp: 'v=0' };
    expect(await ana.ask('offer', offer)).toEqual(refusal('not_in_call'));
    await ringAll(ana, ben);
    expect(await ana.ask('offer', offer)).toEqual(refusal('call_conflict'));
    await stage.expectHeard([ben]);
  });
});

describe('of several devices that ring', () => {
  let ana: Peer;
  let ben: [Peer, Peer, Peer];
  let callId: string;
  beforeEach(async () => {
    [ana] = await devices('ana', MODERN);
    ben = await devices('ben', MODERN, MODERN, MODERN);
    callId = await ringAll(ana, ...ben);
  });

  const claims: [how: ClientEvent, payload: () => object][] = [
    ['accept', () => ({ callId })],
    ['offer', () => ({ to: ana.id, sdp: 'v=0' })],
    ['call', () => ({ toUser: 'ana' })],
  ];
  const races = claims.flatMap(([first, write]) =>
    claims.map(([second, writeToo]) => ({ first, second, write, writeToo })),
  );

  it.each(races)('one gets it, by $first or by $second at once', async (race) => {
    const [phone, laptop, tablet] = ben;
    const replies = await Promise.all([
      phone.ask(race.first, race.write()),
      laptop.ask(race.second, race.writeToo()),
    ]);
    const [winner, loser] = replies[0].ok ? [phone, laptop] : [laptop, phone];
    expect(replies.filter(({ ok }) => ok)).toMatchObject([{ callId }]);
    expect(replies.filter(({ ok }) => !ok)).toEqual([refusal('call_conflict')]);
    const claim = { callId, socketId: winner.id };
    const elsewhere = ['endCall', { ...claim, reason: 'answered_elsewhere' }];
    const offered = (winner === phone ? race.first : race.second) === 'offer';
    await stage.expectHeard(
      [ana, ['callAccepted', claim], ...(offered ? [['offer', { ...claim, sdp: 'v=0' }]] : [])],
      [loser, elsewhere],
      [tablet, elsewhere],
      [winner],
    );
    await expectLive(ana, winner, callId);
  });

  it('those that lost change nothing any more, and hear nothing', async () => {
    const [phone, laptop, tablet] = ben;
    await phone.ask('offer', { callId, sdp: 'v=0' });
    await ana.ask('answer', { callId, sdp: 'v=0' });
    await stage.settle();
    forget(ana, ...ben);
    for (const address of [{ callId }, { to: ana.id }]) {
      for (const event of ['offer', 'answer'] as const) {
        expect(await laptop.ask(event, { ...address, sdp: 'v=0' })).toEqual(
          refusal('call_conflict'),
        );
      }
      expect(await laptop.ask('endCall', address)).toEqual(refusal('call_conflict'));
    }
    expect(await laptop.ask('accept', { callId })).toEqual(refusal('call_conflict'));
    expect(await ana.ask('candidate', { to: laptop.id, candidate: null })).toEqual(
      refusal('not_in_call'),
    );
    await laptop.close();
    await expectLive(ana, phone, callId);
    await phone.ask('endCall', { callId });
    const end = { callId, socketId: phone.id, reason: 'hangup' };
    await stage.expectHeard([ana, ['endCall', end]], [phone], [tablet]);
    expect(await tablet.ask('accept', { callId })).toEqual(refusal('call_not_found'));
  });

  it.each([
    [{}, 'declined'],
    [{ scope: 'user' }, 'declined'],
    [{ reason: 'busy' }, 'busy'],
  ])('one turns the call down for all by %j', async (part, reason) => {
    const [phone, laptop, tablet] = ben;
    expect(await laptop.ask('endCall', { callId, ...part })).toEqual({ ok: true, callId, reason });
    const end = ['endCall', { callId, socketId: laptop.id, reason }];
    await stage.expectHeard([ana, end], [phone, end], [tablet, end], [laptop]);
  });

  it.each([
    ['declines', { scope: 'device' }, 'declined'],
    ['is busy', { scope: 'device', reason: 'busy' }, 'busy'],
    ['leaves', undefined, 'disconnected'],
  ] as const)('each goes by itself, and the last, which %s, says why', async (_, part, reason) => {
    const [phone, laptop, tablet] = ben;
    const { id } = tablet;
    await phone.close();
    await laptop.ask('endCall', { callId, scope: 'device' });
    await stage.expectHeard([ana], [tablet]);
    expect(await laptop.ask('accept', { callId })).toEqual(refusal('call_conflict'));
    expect(await ana.ask('call', { toUser: 'ben' })).toMatchObject({ callId, ringing: 1 });
    if (part === undefined) await tablet.close();
    else expect(await tablet.ask('endCall', { callId, ...part })).toMatchObject({ reason });
    expect(await ana.next('endCall')).toEqual({ callId, socketId: id, reason });
    await stage.expectHeard([laptop]);
  });
});
