import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Newcomer, type Outcome } from '../support/newcomer.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { type Claims, tokenWith, WITH_TOKENS } from '../support/tokens.js';

/** As set by default. */
const MOST = 16;

let server: RunningApp;
beforeAll(async () => {
  server = await startApp(WITH_TOKENS);
});
afterAll(() => server.close());

describe.each(TRANSPORTS)('over %s', (transport) => {
  const transports = [transport];
  const peers: Peer[] = [];

  async function enter(claims: Claims): Promise<Peer> {
    const auth = { token: await tokenWith(claims) };
    const peer = await Peer.connect(server.url, { auth, transports, reconnection: false });
    peers.push(peer);
    return peer;
  }

  async function come(claims: Claims): Promise<Newcomer> {
    const newcomer = Newcomer.comes(server.url, await tokenWith(claims), { transports });
    peers.push(newcomer.peer);
    return newcomer;
  }

  beforeEach(async () => {
    await Promise.all(Array.from({ length: MOST }, () => enter({ sub: 'ana' })));
  });
  afterEach(() => Promise.all(peers.splice(0).map((peer) => peer.close())));

  it(`the ${MOST + 1}th of a user keeps trying, and gets in once another leaves`, async () => {
    const late = await come({ sub: 'ana' });
    await eventually(() => expect(late.retries).toBeGreaterThan(2));
    expect(late.outcome).toEqual({}); // nobody told it not to come back
    expect(peers.slice(0, MOST).every(({ socket }) => socket.connected)).toBe(true);
    await peers[0]?.close();
    expect(await late.settled()).toEqual({ userId: 'ana' });
  });

  it.each<{ who: string; claims: Claims; outcome: Outcome }>([
    { who: 'other users', claims: { sub: 'ben' }, outcome: { userId: 'ben' } },
    {
      who: 'the same user id in another tenant',
      claims: { sub: 'ana', tenant: 'acme' },
      outcome: { userId: 'ana' },
    },
  ])('$who have room of their own', async ({ claims, outcome }) => {
    const other = await come(claims);
    expect(await other.settled()).toEqual(outcome);
    expect(other.retries).toBe(0);
  });

  it('of two who wait one gets in', async () => {
    const [one, two] = await Promise.all([come({ sub: 'ana' }), come({ sub: 'ana' })]);
    await eventually(() => expect(Math.min(one.retries, two.retries)).toBeGreaterThan(2));
    await peers[0]?.close();
    await eventually(() => expect([one.outcome, two.outcome]).toContainEqual({ userId: 'ana' }));
    const [inside, waiting] = one.outcome.userId === undefined ? [two, one] : [one, two];
    const { retries } = waiting;
    await eventually(() => expect(waiting.retries).toBeGreaterThan(retries + 2));
    expect([inside.outcome, waiting.outcome]).toEqual([{ userId: 'ana' }, {}]);
  });
});
