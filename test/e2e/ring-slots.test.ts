import { type RunningApp, startApp } from '../support/app.js';
import { callIdOf, expectLive, forget, heard, refusal } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { tokenWith, WITH_TOKENS } from '../support/tokens.js';

const ANA = '192.0.2.1';
const BEN = '198.51.100.2';
const MALLORY = '203.0.113.66';

let server: RunningApp;
const peers: Peer[] = [];

async function connect(from: string, protocol: 1 | 2 = 2, token?: string): Promise<Peer> {
  const peer = await Peer.connect(server.url, {
    auth: { ...(protocol === 2 && { protocol }), token },
    extraHeaders: { 'X-Forwarded-For': from },
    reconnection: false,
  });
  peers.push(peer);
  if (protocol === 2) await peer.next('welcome');
  return peer;
}

/** Rings the victim from that many connections of an address, one after the other. */
async function ringFrom(address: string, victim: Peer, count: number) {
  const rings: { caller: Peer; callId: string }[] = [];
  for (let i = 0; i < count; i += 1) {
    const caller = await connect(address);
    rings.push({ caller, callId: callIdOf(await caller.ask('call', { to: victim.id })) });
  }
  await victim.settled();
  forget(victim);
  return rings;
}

afterEach(() => Promise.all(peers.splice(0).map((peer) => peer.close())));

describe('when all ring slots of a device are taken', () => {
  beforeAll(async () => {
    server = await startApp({ RATE_LIMITS: 'on', TRUST_PROXY: '1' });
  });
  afterAll(() => server.close());

  it.each([1, 2] as const)(
    'a newcomer displaces the oldest ring of who has the most: protocol %s',
    async (protocol) => {
      const victim = await connect(ANA, protocol);
      const [oldest, ...others] = await ringFrom(MALLORY, victim, 4);
      const friend = await connect(BEN);
      const callId = callIdOf(await friend.ask('call', { to: victim.id }));
      const end = { callId: oldest?.callId, reason: 'busy' };
      await victim.settled();
      expect(heard(victim)).toEqual([
        ['endCall', end],
        ['call', expect.objectContaining({ callId, from: friend.id })],
      ]);
      await oldest?.caller.settled();
      expect(oldest && heard(oldest.caller)).toEqual([['endCall', end]]);
      // It is over for both, and the others ring on.
      for (const gone of [victim, oldest?.caller]) {
        expect(await gone?.ask('endCall', { callId: oldest?.callId })).toEqual(
          refusal('call_not_found'),
        );
      }
      for (const { caller } of others) expect(heard(caller)).toEqual([]);
      forget(victim, friend);
      await friend.ask('candidate', { callId, candidate: null });
      await victim.ask('accept', { callId });
      await victim.settled();
      forget(victim, friend);
      await expectLive(friend, victim, callId);
    },
  );

  it('the one with the most gets no slot back by ringing anew', async () => {
    const victim = await connect(ANA);
    const [oldest] = await ringFrom(MALLORY, victim, 4);
    await ringFrom(BEN, victim, 1);
    expect(await oldest?.caller.ask('call', { to: victim.id })).toEqual(refusal('busy'));
    expect(heard(victim)).toEqual([]);
  });

  it('the only ring of an address is never displaced, by however many addresses', async () => {
    const victim = await connect(ANA);
    await ringFrom(BEN, victim, 1);
    for (let i = 1; i <= 3; i += 1) await ringFrom(`203.0.113.${i}`, victim, 1);
    for (let i = 4; i <= 10; i += 1) {
      const mallory = await connect(`203.0.113.${i}`);
      expect(await mallory.ask('call', { to: victim.id })).toEqual(refusal('busy'));
    }
    expect(heard(victim)).toEqual([]);
  });

  it('an office behind one address has them all, until somebody else calls', async () => {
    const hotline = await connect(ANA);
    await ringFrom(BEN, hotline, 4);
    const colleague = await connect(BEN);
    expect(await colleague.ask('call', { to: hotline.id })).toEqual(refusal('busy'));
    for (const [address, busy] of [
      ['203.0.113.1', false],
      ['203.0.113.2', false],
      ['203.0.113.3', false],
      ['203.0.113.4', true], // one slot for each of four
    ] as const) {
      const customer = await connect(address);
      const reply = await customer.ask('call', { to: hotline.id });
      expect(reply.ok).toBe(!busy);
    }
  });

  it('a /64 is one source', async () => {
    const victim = await connect(ANA);
    for (let i = 1; i <= 4; i += 1) await ringFrom(`2001:db8:1:1::${i}`, victim, 1);
    const same = await connect('2001:db8:1:1:ffff::1');
    expect(await same.ask('call', { to: victim.id })).toEqual(refusal('busy'));
    const other = await connect('2001:db8:1:2::1');
    expect((await other.ask('call', { to: victim.id })).ok).toBe(true);
  });

  it('while there is room, one address may have them all', async () => {
    const victim = await connect(ANA);
    const rings = await ringFrom(BEN, victim, 4);
    for (const { caller } of rings) expect(heard(caller)).toEqual([]);
  });

  it('a tutorial client that calls or talks is busy all the same', async () => {
    const victim = await connect(ANA, 1);
    await ringFrom(MALLORY, victim, 4);
    const carl = await connect(BEN);
    await victim.ask('call', { to: carl.id });
    const friend = await connect(BEN);
    expect(await friend.ask('call', { to: victim.id })).toEqual(refusal('busy'));
  });
});

it('with tokens each user has at most one of them, and a user behind the same address its own', async () => {
  server = await startApp({ ...WITH_TOKENS, RATE_LIMITS: 'on', TRUST_PROXY: '1' });
  try {
    const as = async (sub: string) => connect(MALLORY, 2, await tokenWith({ sub }));
    const victim = await as('ana');
    const mallory = [await as('mallory'), await as('mallory')];
    for (const [i, device] of mallory.entries()) {
      expect((await device.ask('call', { toUser: 'ana' })).ok).toBe(i === 0);
    }
    for (const sub of ['ben', 'carl', 'dora']) {
      expect((await (await as(sub)).ask('call', { toUser: 'ana' })).ok).toBe(true);
    }
    expect(await (await as('eve')).ask('call', { toUser: 'ana' })).toEqual(refusal('busy'));
    await eventually(() => expect(victim.all('call')).toHaveLength(4));
    expect(victim.all('endCall')).toEqual([]);
  } finally {
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
    await server.close();
  }
});
