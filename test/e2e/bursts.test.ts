import { type RunningApp, startApp } from '../support/app.js';
import { connect, expectLive, forget, heard } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

const PROTOCOL_2 = { auth: { protocol: 2 }, reconnection: false };
/** Of whoever has described its side of the call once. */
const CANDIDATE_BURST = 120 + 400;

type Reply = Awaited<ReturnType<Peer['ask']>>;

describe('with limits', () => {
  let server: RunningApp;
  const peers: Peer[] = [];
  const enter = async (count: number): Promise<Peer[]> => {
    const entered = await Promise.all(
      Array.from({ length: count }, () => Peer.connect(server.url, PROTOCOL_2)),
    );
    peers.push(...entered);
    await Promise.all(entered.map((peer) => peer.next('welcome')));
    return entered;
  };
  const pair = async (): Promise<[Peer, Peer]> => (await enter(2)) as [Peer, Peer];
  const codes = (replies: Reply[]) => replies.map((reply) => (reply.ok ? 'ok' : reply.error.code));
  const count = (all: string[]) =>
    Object.fromEntries(
      [...new Set(all)].map((one) => [one, all.filter((it) => it === one).length]),
    );
  const numbered = (index: number) => ({ candidate: `candidate:${index}`, sdpMid: '0' });

  beforeEach(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
  });
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
    await server.close();
  });

  it('a burst of 2,000 candidates passes up to the budget, in order, and costs no call', async () => {
    const [ana, ben] = await pair();
    const callId = await connect(ana, ben);
    const replies = await Promise.all(
      Array.from({ length: 2_000 }, (_, index) =>
        ana.ask('candidate', { callId, candidate: numbered(index) }),
      ),
    );
    const passed = replies.flatMap(({ ok }, index) => (ok ? [numbered(index)] : []));
    expect(passed.slice(0, CANDIDATE_BURST)).toEqual(
      Array.from({ length: CANDIDATE_BURST }, (_, index) => numbered(index)),
    );
    expect(passed.length).toBeLessThan(2 * CANDIDATE_BURST);
    expect(new Set(codes(replies))).toEqual(new Set(['ok', 'rate_limited']));
    await ben.settled();
    expect(ben.all('candidate').map(({ candidate }) => candidate)).toEqual(passed);

    forget(ana, ben);
    await eventually(async () => {
      expect(await ana.ask('candidate', { callId, candidate: null })).toEqual({ ok: true, callId });
    });
    await ben.next('candidate');
    await new Promise((resolve) => setTimeout(resolve, 100)); // two more of the budget
    await expectLive(ana, ben, callId);
    expect(await ben.ask('endCall', { callId })).toEqual({ ok: true, callId, reason: 'hangup' });
  });

  it('a burst of 6,000 candidates costs its sender the connection, and the other one none', async () => {
    const [ana, ben] = await pair();
    const callId = await connect(ana, ben);
    for (let index = 0; index < 6_000; index += 1) {
      ana.tell('candidate', { callId, candidate: numbered(index) });
    }
    await eventually(() => expect(ana.socket.connected).toBe(false));
    expect(ana.all('closing')).toEqual([expect.objectContaining({ code: 'rate_limited' })]);
    await ben.next('endCall').then((end) => expect(end).toMatchObject({ reason: 'disconnected' }));
    expect(ben.socket.connected).toBe(true);
    expect(ben.all('exception')).toEqual([]);

    const [eve] = await enter(1);
    if (eve !== undefined) await connect(eve, ben);
  });

  it('what passes of a burst of 6,000 candidates arrives in order, before the end', async () => {
    const [ana, ben] = await pair();
    const callId = await connect(ana, ben);
    forget(ben);
    for (let index = 0; index < 6_000; index += 1) {
      ana.tell('candidate', { callId, candidate: numbered(index) });
    }
    await eventually(() => expect(ben.all('endCall')).toHaveLength(1));
    const [last, ...rest] = heard(ben).reverse();
    expect(last?.[0]).toBe('endCall');
    const lines = rest.reverse().map(([, body]) => (body as { candidate: object }).candidate);
    expect(lines.length).toBeGreaterThanOrEqual(CANDIDATE_BURST);
    expect(lines.length).toBeLessThan(2 * CANDIDATE_BURST);
    expect(lines.slice(0, CANDIDATE_BURST)).toEqual(
      Array.from({ length: CANDIDATE_BURST }, (_, index) => numbered(index)),
    );
  });

  it('a spray of calls rings eight victims at most, and is refused by its budget then', async () => {
    const [mallory, ...victims] = await enter(41);
    if (mallory === undefined) throw new Error('nobody');
    const replies = await Promise.all(victims.map(({ id }) => mallory.ask('call', { to: id })));
    expect(count(codes(replies))).toEqual({ ok: 8, busy: 4, rate_limited: 28 });
    await Promise.all(victims.map((victim) => victim.settled()));
    expect(victims.filter((victim) => heard(victim).length > 0)).toHaveLength(8);
  });

  it('a spray of calls that are taken back at once is refused by its budget', async () => {
    const [mallory, ...victims] = await enter(41);
    if (mallory === undefined) throw new Error('nobody');
    const replies: Reply[] = [];
    for (const { id } of victims) {
      const reply = await mallory.ask('call', { to: id });
      replies.push(reply);
      if (reply.ok) await mallory.ask('endCall', { to: id });
    }
    expect(codes(replies).slice(0, 13)).toEqual([...Array<string>(12).fill('ok'), 'rate_limited']);
    expect(codes(replies).filter((code) => code === 'ok').length).toBeLessThan(20);
  });

  it('many who spray many ring nobody more than four times at once', async () => {
    const [victims, sprayers] = [await enter(6), await enter(12)];
    const replies = await Promise.all(
      sprayers.flatMap((sprayer) => victims.map(({ id }) => sprayer.ask('call', { to: id }))),
    );
    expect(count(codes(replies))).toEqual({ ok: 6 * 4, busy: 6 * 8 });
    await Promise.all(victims.map((victim) => victim.settled()));
    expect(victims.map((victim) => victim.all('call').length)).toEqual(Array(6).fill(4));
  });

  it('a spray over many connections of one address is refused by the budget of the address', async () => {
    const [victim, ...sprayers] = await enter(31);
    if (victim === undefined) throw new Error('nobody');
    const results = await Promise.all(
      sprayers.map(async (sprayer) => {
        const replies: Reply[] = [];
        for (let i = 0; i < 12; i += 1) {
          replies.push(await sprayer.ask('call', { to: 'nobody' }));
        }
        return codes(replies);
      }),
    );
    const counted = count(results.flat());
    // 30 first calls, and 12 × 20 of the address; a few more come back with time.
    expect(counted.unavailable).toBeGreaterThanOrEqual(270);
    expect(counted.unavailable).toBeLessThan(320);
    expect(counted.rate_limited).toBe(360 - (counted.unavailable ?? 0));
  });
});
