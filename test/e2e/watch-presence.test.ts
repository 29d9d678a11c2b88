import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import type { OnlinePeer } from '../../src/protocol/events.js';
import { DIFF_INTERVAL_MS, SNAPSHOT_RETRY_MS } from '../../src/protocol/limits.js';
import { type RunningApp, startApp } from '../support/app.js';
import { callIdOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { RawSocket } from '../support/raw/socket.js';
import { Watcher } from '../support/watcher.js';

let server: RunningApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function connect(name?: string, options = {}): Promise<Peer> {
  const peer = await Peer.connect(server.url, { auth: { protocol: 2 }, ...options });
  peers.push(peer);
  if (name !== undefined) await peer.ask('register', name);
  return peer;
}

const watch = (peer: Peer): Promise<Watcher> => Watcher.start(peer);

const online = ({ id }: Peer, name: string, inCall = false): OnlinePeer => ({
  socketId: id,
  userId: id,
  name,
  inCall,
});

describe.each(TRANSPORTS)('a watcher over %s', (transport) => {
  const viaTransport = { transports: [transport] };

  it('starts from everybody who is registered, itself included, and nobody else', async () => {
    const ana = await connect('Ana');
    await connect();
    const ben = await connect('Ben', viaTransport);
    const { users } = await watch(ben);
    expect(users).toEqual(
      new Map([
        [ana.id, online(ana, 'Ana')],
        [ben.id, online(ben, 'Ben')],
      ]),
    );
  });

  it('hears who comes, who renames, who talks and who goes, and no hints meanwhile', async () => {
    const ben = await connect('Ben', viaTransport);
    const watcher = await watch(ben);
    ben.received.length = 0;
    const ana = await connect('Ana');
    const cem = await connect('Cem');
    await watcher.sees(ana, 'Ana');
    await ana.ask('register', 'Anna');
    await watcher.sees(ana, 'Anna');
    const callId = callIdOf(await ana.ask('call', { to: cem.id }));
    await cem.ask('accept', { callId });
    await watcher.sees(ana, 'Anna', true);
    await watcher.sees(cem, 'Cem', true);
    await cem.ask('endCall', { callId });
    await watcher.sees(ana, 'Anna', false);
    await watcher.sees(cem, 'Cem', false);
    const { id } = ana;
    await ana.close();
    await watcher.misses(id);
    expect(new Set(ben.received.map(({ event }) => event))).toEqual(new Set(['presenceDiff']));
  });
});

it('tells a watcher of a call only once it was accepted', async () => {
  const [ana, ben, watcher] = await Promise.all([connect('Ana'), connect('Ben'), connect()]);
  const view = await watch(watcher);
  const callId = callIdOf(await ana.ask('call', { to: ben.id }));
  await ben.ask('ringing', { callId });
  await setTimeout(3 * DIFF_INTERVAL_MS);
  expect(watcher.all('presenceDiff')).toEqual([]);
  await ben.ask('accept', { callId });
  await view.sees(ben, 'Ben', true);
});

it('keeps a peer in a call until the last of its calls is over', async () => {
  const [ana, ben, cem, watcher] = await Promise.all([
    connect('Ana'),
    connect('Ben'),
    connect('Cem'),
    connect(),
  ]);
  const view = await watch(watcher);
  const ids = await Promise.all(
    [ben, cem].map(async (callee) => {
      const callId = callIdOf(await ana.ask('call', { to: callee.id }));
      await callee.ask('accept', { callId });
      return callId;
    }),
  );
  await view.sees(cem, 'Cem', true);
  await ana.ask('endCall', { callId: ids[0] });
  await view.sees(ben, 'Ben', false);
  expect(view.users.get(ana.id)?.inCall).toBe(true);
  await ana.ask('endCall', { callId: ids[1] });
  await view.sees(ana, 'Ana', false);
});

it('mentions nobody who came and went within one batch', async () => {
  const watcher = await connect();
  await watch(watcher);
  await connect('First'); // opens the interval within which the next ones share a diff
  await watcher.next('presenceDiff');
  const brief = await connect('Brief');
  await brief.close();
  const last = await connect('Last');
  await eventually(() => {
    expect(watcher.all('presenceDiff').flatMap(({ joined }) => joined)).toContainEqual(
      online(last, 'Last'),
    );
  });
  const mentioned = watcher.all('presenceDiff').flatMap(({ joined, left }) => [...joined, ...left]);
  expect(mentioned.filter(({ name }) => name === 'Brief').length % 2).toBe(0);
});

it('sends one diff for all who come within a batch', async () => {
  const watcher = await connect();
  const view = await watch(watcher);
  const crowd = await Promise.all(Array.from({ length: 20 }, () => connect()));
  await Promise.all(crowd.map((peer, i) => peer.ask('register', `peer ${i}`)));
  await eventually(() => expect(view.users.size).toBe(20));
  expect(watcher.all('presenceDiff').length).toBeLessThan(10);
});

it('goes on with hints from where the diffs ended, for one who stops watching', async () => {
  const watcher = await connect('Watcher');
  const view = await watch(watcher);
  const ana = await connect('Ana');
  const ben = await connect('Ben');
  await ben.close();
  await watcher.ask('unwatchPresence');
  expect([...view.users.values()].map(({ name }) => name).sort()).toEqual(['Ana', 'Watcher']);
  watcher.received.length = 0;
  await ana.close();
  await connect('Cem');
  await eventually(() => {
    const events = watcher.received.map(({ event }) => event);
    expect(events).toContain('userDisconnected');
    expect(events).toContain('userConnected');
    expect(events).not.toContain('presenceDiff');
  });
});

it('needs no watching to stop watching', async () => {
  const peer = await connect();
  expect(await peer.ask('unwatchPresence')).toEqual({ ok: true });
});

it('starts anew for one who asks again, without a gap', async () => {
  const watcher = await connect();
  await watch(watcher);
  const ana = await connect('Ana');
  const again = await watch(watcher);
  await again.sees(ana, 'Ana');
  const { id } = ana;
  await ana.close();
  await again.misses(id);
});

it('costs a flood of snapshots no more than the budget, and nobody who comes has to wait', async () => {
  const watcher = await connect('Watcher');
  await watch(watcher);
  const crowd: RawSocket[] = [];
  while (crowd.length < 500) {
    const batch = Array.from({ length: 50 }, async () => {
      const raw = await RawSocket.open(server.url);
      raw.say('40{"protocol":2}');
      await raw.hears('40{');
      raw.say(`42["register","${'👩'.repeat(64)}"]`);
      return raw;
    });
    crowd.push(...(await Promise.all(batch)));
  }
  await eventually(async () => {
    await watcher.ask('getOnlineUsers');
    expect(Object.keys(await watcher.next('onlineUsers'))).toHaveLength(crowd.length + 1);
  });
  for (const raw of crowd) raw.stopReading();
  for (const raw of crowd) raw.say('420["watchPresence"]', '421["watchPresence"]');
  await eventually(async () => {
    expect(await watcher.ask('watchPresence')).toMatchObject({
      error: { code: 'rate_limited', retryAfterMs: SNAPSHOT_RETRY_MS },
    });
  });
  const newcomer = await connect('Newcomer');
  expect((await watch(newcomer)).users.size).toBe(crowd.length + 2);
  await eventually(() => {
    const joined = watcher.all('presenceDiff').flatMap((diff) => diff.joined);
    expect(joined.map(({ name }) => name)).toContain('Newcomer');
  });
  await Promise.all(crowd.map((raw) => raw.close()));
  await eventually(async () => {
    expect(await watcher.ask('watchPresence')).toMatchObject({ ok: true });
  }, 10_000);
}, 40_000);

it('is not for a client of the tutorial, which would not understand', async () => {
  const peer = await connect('Old', { auth: {} });
  expect(await peer.ask('watchPresence')).toEqual({
    ok: false,
    error: { code: 'unknown_event', message: 'this event needs protocol 2 in the handshake' },
  });
  await connect('Ana');
  await eventually(() => expect(peer.all('userConnected')).not.toHaveLength(0));
  expect(peer.all('presenceDiff')).toEqual([]);
});

it('goes on for one who asks for no acknowledgement', async () => {
  const watcher = await connect();
  watcher.tell('watchPresence');
  // What was never sent is not what it does not read.
  for (let i = 0; i < 3; i += 1)
    expect(await watcher.ask('watchPresence')).toMatchObject({ ok: true });
  const ana = await connect('Ana');
  expect((await watcher.next('presenceDiff')).joined).toEqual([online(ana, 'Ana')]);
});

it('leaves those alone who do not watch', async () => {
  const [watcher, other] = await Promise.all([connect('Watcher'), connect('Other')]);
  await watch(watcher);
  const ana = await connect('Ana');
  const { id } = ana;
  await ana.close();
  await eventually(() => expect(other.all('userDisconnected')).toContain(id));
  expect(other.all('userConnected')).not.toHaveLength(0);
  expect(other.all('presenceDiff')).toEqual([]);
});

describe('whatever happens, in any order', () => {
  type Step =
    | { do: 'come' | 'watch' | 'unwatch' | 'go'; who: number }
    | { do: 'rename'; who: number; name: string }
    | { do: 'talk'; who: number; to: number }
    | { do: 'wait'; ms: number };
  const who = fc.nat({ max: 5 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ do: fc.constantFrom('come', 'watch', 'unwatch', 'go'), who }),
    fc.record({ do: fc.constant('rename'), who, name: fc.constantFrom('Ana', 'Ben', 'Cem') }),
    fc.record({ do: fc.constant('talk'), who, to: who }),
    fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: 1, max: 150 }) }),
  );

  it('a snapshot with its diffs is what a newcomer would be told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const cast = new Map<number, Peer>();
        const watchers = new Map<number, Watcher>();
        const meet = async (index: number): Promise<Peer> => {
          const known = cast.get(index);
          if (known !== undefined) return known;
          const peer = await connect(`peer ${index}`);
          cast.set(index, peer);
          return peer;
        };
        for (const what of steps) {
          if (what.do === 'wait') await setTimeout(what.ms);
          else await perform(what, await meet(what.who));
        }

        async function perform(what: Exclude<Step, { do: 'wait' }>, peer: Peer): Promise<void> {
          // Not awaited where that makes no difference: more happens within a batch.
          if (what.do === 'rename') peer.tell('register', what.name);
          if (what.do === 'watch') watchers.set(what.who, await watch(peer));
          if (what.do === 'talk') {
            const other = await meet(what.to);
            const reply = await peer.ask('call', { to: other.id });
            if (reply.ok) await other.ask('accept', { callId: reply.callId });
          }
          if (what.do === 'unwatch') {
            await peer.ask('unwatchPresence');
            watchers.delete(what.who);
          }
          if (what.do === 'go') {
            await peer.close();
            cast.delete(what.who);
            watchers.delete(what.who);
          }
        }

        const newcomer = await watch(await connect());
        for (const watcher of watchers.values()) {
          await eventually(() => expect(watcher.users).toEqual(newcomer.users));
          expect(watcher.surprises).toEqual([]);
        }
        await Promise.all(peers.splice(0).map((peer) => peer.close()));
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 120_000);
});
