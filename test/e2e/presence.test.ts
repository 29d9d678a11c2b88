import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';

const HINT_WINDOW_MS = 100;
const LIST_INTERVAL_MS = 250;
/** For hundreds of clients in one process with the server, on a busy machine. */
const CROWD_MS = 30_000;

let server: RunningApp;
let peers: Peer[] = [];

beforeAll(async () => {
  server = await startApp({ RATE_LIMITS: 'off' });
});
afterAll(() => server.close());
afterEach(async () => {
  const all = peers;
  peers = [];
  await leave(...all);
  await eventually(async () => expect(await onlineUsers()).toEqual({}), CROWD_MS); // nobody is left over
}, 2 * CROWD_MS);

async function connect(transport: Transport = 'websocket'): Promise<Peer> {
  const peer = await Peer.connect(server.url, { transports: [transport] });
  peers.push(peer);
  return peer;
}

/** Mostly on WebSocket, every tenth on long-polling. */
function crowd(size: number): Promise<Peer[]> {
  return Promise.all(
    Array.from({ length: size }, (_, i) => connect(i % 10 === 9 ? 'polling' : 'websocket')),
  );
}

async function join(name: string, transport?: Transport): Promise<Peer> {
  const peer = await connect(transport);
  await peer.ask('register', name);
  return peer;
}

/** They leave, and their transports are gone. */
async function leave(...leavers: Peer[]): Promise<void> {
  peers = peers.filter((peer) => !leavers.includes(peer));
  const engines = leavers.map(({ socket }) => socket.io.engine);
  for (const { socket } of leavers) socket.disconnect();
  await eventually(() => {
    expect(engines.filter(({ readyState }) => readyState !== 'closed').length).toBe(0);
  }, CROWD_MS);
}

/** The list, as somebody sees it who is not in it. */
async function onlineUsers(): Promise<Record<string, string>> {
  const guest = await Peer.connect(server.url);
  try {
    guest.tell('getOnlineUsers');
    return await guest.next('onlineUsers');
  } finally {
    await guest.close();
  }
}

/** Lets the hints of earlier arrivals go out, so that the next one opens a window of its own. */
async function quiet(): Promise<void> {
  const [bystander, somebody] = await crowd(2);
  if (bystander === undefined || somebody === undefined) throw new Error('never');
  const { id } = somebody;
  await somebody.ask('register', 'Somebody');
  await leave(bystander, somebody);
  for (const peer of peers) {
    await eventually(() => expect(peer.all('userDisconnected')).toContain(id));
  }
  await setTimeout(2 * HINT_WINDOW_MS);
  for (const peer of peers) {
    await peer.settled();
    peer.received.length = 0;
  }
}

describe('the hint that somebody came', () => {
  it('reaches everyone else, registered or not, on both transports, and not the newcomer', async () => {
    const bystanders = [
      await join('Ana', 'websocket'),
      await join('Ben', 'polling'),
      await connect('websocket'),
      await connect('polling'),
    ];
    const newcomer = await connect();
    await quiet();

    expect(await newcomer.ask('register', 'Cem')).toMatchObject({ ok: true, name: 'Cem' });

    for (const bystander of bystanders) await bystander.next('userConnected');
    await newcomer.settled();
    expect(newcomer.received).toEqual([]);
  });

  it('goes out at once for the first, without waiting for the window to end', async () => {
    const [bystander, newcomer] = (await crowd(2)) as [Peer, Peer];
    await quiet();

    await newcomer.ask('register', 'Cem');
    await bystander.settled(); // whatever was sent before the ack is here by now

    expect(bystander.all('userConnected')).toHaveLength(1);
  });

  it('carries nothing: it only says that the list is worth asking for', async () => {
    const [bystander, newcomer] = (await crowd(2)) as [Peer, Peer];
    await newcomer.ask('register', 'Cem');
    await eventually(() => expect(bystander.all('userConnected')).toHaveLength(1));
    expect(bystander.received).toEqual([{ event: 'userConnected', args: [] }]);
  });

  it('comes again for whoever follows within the window, and to whoever came first', async () => {
    const [bystander, first, second] = (await crowd(3)) as [Peer, Peer, Peer];
    await quiet();

    await first.ask('register', 'First');
    await Promise.all([bystander.next('userConnected'), second.next('userConnected')]);
    await second.ask('register', 'Second');

    // That hint had come before the second even registered: the next can only be about the second.
    await Promise.all([bystander.next('userConnected'), first.next('userConnected')]);
    await second.settled();
    expect(second.received).toEqual([]);
  });

  it('is shared by a burst of 50, after the last of whom everyone still hears one', async () => {
    const bystanders = [await connect('websocket'), await connect('polling')];
    const newcomers = await crowd(50);
    const views = bystanders.map(liveView);
    await quiet();

    const startedAt = performance.now();
    await Promise.all(newcomers.map((peer, i) => peer.ask('register', `Peer ${i}`)));
    const windows = Math.ceil((performance.now() - startedAt) / HINT_WINDOW_MS);

    // Each only ever asks when it is hinted to: whoever came after the last hint it would not see.
    await eventually(() => {
      for (const view of views) expect(Object.keys(view.users).sort()).toEqual(idsOf(newcomers));
    });
    for (const bystander of bystanders) {
      await bystander.settled();
      const hints = bystander.all('userConnected').length;
      expect(hints).toBeGreaterThanOrEqual(1);
      expect(hints).toBeLessThanOrEqual(1 + windows); // 50 without sharing
    }
  });
});

describe('the list of who is online', () => {
  it.each(TRANSPORTS)('may be asked for before registering, on %s', async (transport) => {
    const ana = await join('Ana');
    const guest = await connect(transport);

    expect(await guest.ask('getOnlineUsers')).toEqual({ ok: true });

    expect(await guest.next('onlineUsers')).toEqual({ [ana.id]: 'Ana' });
  });

  it.each(TRANSPORTS)('shows a registration sent in the same tick, on %s', async (transport) => {
    const ana = await connect(transport);
    ana.tell('register', 'Ana');
    ana.tell('getOnlineUsers');
    expect(await ana.next('onlineUsers')).toEqual({ [ana.id]: 'Ana' });
  });

  it.each(TRANSPORTS)('even if both were sent before connecting, on %s', async (transport) => {
    const ana = Peer.connecting(server.url, { transports: [transport] });
    peers.push(ana);
    ana.tell('register', 'Ana');
    ana.tell('getOnlineUsers');
    expect(await ana.next('onlineUsers')).toEqual({ [ana.id]: 'Ana' });
  });

  it('goes to the asker alone', async () => {
    const [ana, ben] = (await crowd(2)) as [Peer, Peer];
    ana.tell('getOnlineUsers');
    await ana.next('onlineUsers');
    await ben.settled();
    expect(ben.all('onlineUsers')).toEqual([]);
  });

  it.each(TRANSPORTS)('is not sent a hundred times to who asks so, on %s', async (transport) => {
    const ana = await connect(transport);
    const startedAt = performance.now();
    const acks = Array.from({ length: 99 }, () => ana.ask('getOnlineUsers'));
    acks.push(ana.ask('register', 'Ana'), ana.ask('getOnlineUsers'));

    for (const ack of await Promise.all(acks)) expect(ack).toMatchObject({ ok: true });
    await eventually(() => expect(ana.all('onlineUsers').at(-1)).toEqual({ [ana.id]: 'Ana' }));

    const intervals = Math.ceil((performance.now() - startedAt) / LIST_INTERVAL_MS);
    expect(ana.all('onlineUsers').length).toBeLessThanOrEqual(1 + intervals);
  });

  it('always follows a request, however soon after the last list it was made', async () => {
    const [ana, ben] = (await crowd(2)) as [Peer, Peer];
    for (const name of ['Ben', 'Benno', 'Benjamin']) {
      await ben.ask('register', name);
      ana.tell('getOnlineUsers');
      expect(await ana.next('onlineUsers')).toEqual({ [ben.id]: name });
    }
  });

  it('shows the newest name of whoever registers again, and everyone is told to look', async () => {
    const [ana, ben] = (await crowd(2)) as [Peer, Peer];
    await ben.ask('register', 'Ben');
    await quiet();
    await ben.ask('register', 'Benjamin');
    await ana.next('userConnected');
    expect(await onlineUsers()).toEqual({ [ben.id]: 'Benjamin' });
    expect(ana.all('userDisconnected')).toEqual([]);
  });

  it('has room for two peers of one name', async () => {
    const [ana, other] = [await join('Ana'), await join('Ana')];
    expect(await onlineUsers()).toEqual({ [ana.id]: 'Ana', [other.id]: 'Ana' });
    await leave(other);
    await ana.next('userDisconnected');
    expect(await onlineUsers()).toEqual({ [ana.id]: 'Ana' });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', 'null', '{}'])(
    'takes %s for a name like any other',
    async (name) => {
      const peer = await join(name);
      expect(Object.entries(await onlineUsers())).toEqual([[peer.id, name]]);
      const ben = await connect();
      peer.tell('call', { to: ben.id });
      expect(await ben.next('call')).toMatchObject({ from: peer.id, name });
    },
  );
});

describe('a peer that leaves', () => {
  it.each(TRANSPORTS)('is announced once to everyone else, on %s', async (transport) => {
    const bystanders = [await join('Ana', 'websocket'), await connect('polling')];
    const leaver = await join('Ben', transport);
    const { id } = leaver;

    await leave(leaver);

    for (const bystander of bystanders) {
      await eventually(() => expect(bystander.all('userDisconnected')).toEqual([id]));
    }
    expect(await onlineUsers()).toEqual({ [bystanders[0]?.id ?? '']: 'Ana' });
    for (const bystander of bystanders) {
      await bystander.settled();
      expect(bystander.all('userDisconnected')).toEqual([id]);
    }
  });

  it('is announced when its connection breaks, too', async () => {
    const [ana, ben] = [await join('Ana'), await join('Ben')];
    const { id } = ben;
    ben.socket.io.reconnection(false);
    ben.socket.io.engine.close();
    expect(await ana.next('userDisconnected')).toBe(id);
  });

  it('is not announced if it never registered, nor ever listed', async () => {
    const ana = await join('Ana');
    const guest = await connect();
    const after = await join('After');
    expect(Object.keys(await onlineUsers()).sort()).toEqual([after.id, ana.id].sort());

    const [guestId, afterId] = [guest.id, after.id];
    await leave(guest);
    await eventually(async () => {
      expect(await ana.ask('offer', { to: guestId, sdp: 'v=0' })).toMatchObject({ ok: false });
    });
    await leave(after);

    expect(await ana.next('userDisconnected')).toBe(afterId); // the first that she hears of
  });

  it('can come back, as somebody new', async () => {
    const ana = await join('Ana');
    const ben = await join('Ben');
    const before = ben.id;
    ben.socket.disconnect();
    expect(await ana.next('userDisconnected')).toBe(before);

    ben.socket.connect();
    expect(await ben.ask('register', 'Ben')).toMatchObject({ ok: true });
    await ana.next('userConnected');

    expect(ben.id).not.toBe(before);
    expect(await onlineUsers()).toEqual({ [ana.id]: 'Ana', [ben.id]: 'Ben' });
  });
});

describe('300 peers that come and go at once, each asking again on every hint', () => {
  it(
    'all end with the same list, and nobody is left over in it',
    async () => {
      const regulars = await crowd(150);
      const visitors = await crowd(75);
      const views = regulars.map(liveView);
      visitors.forEach(liveView);

      // All at once: the first come and ask; half as many leave again, before or after they are
      // heard of; as many again arrive; and a few take another name.
      for (const [i, peer] of [...regulars, ...visitors].entries()) {
        peer.tell('register', `Peer ${i}`);
        peer.tell('getOnlineUsers');
      }
      const latecomers = crowd(75).then((arrived) => {
        views.push(...arrived.map(liveView));
        for (const [i, peer] of arrived.entries()) {
          peer.tell('register', `Latecomer ${i}`);
          peer.tell('getOnlineUsers');
        }
        return arrived;
      });
      await leave(...visitors);
      for (const peer of regulars.slice(0, 20)) peer.tell('register', 'Renamed');

      const present = idsOf([...regulars, ...(await latecomers)]);
      let final: Record<string, string> = {};
      await eventually(async () => {
        final = await onlineUsers();
        expect(Object.keys(final).sort()).toEqual(present);
        expect(Object.values(final).filter((name) => name === 'Renamed')).toHaveLength(20);
      }, CROWD_MS);
      await eventually(() => {
        expect(views.filter(({ users }) => !isDeepStrictEqual(users, final)).length).toBe(0);
      }, CROWD_MS);
      expect(views).toHaveLength(225);
    },
    4 * CROWD_MS,
  );

  it(
    'and when all but one leave at once, that one sees itself alone',
    async () => {
      const last = await join('Last');
      const view = liveView(last);
      const others = await crowd(150);
      for (const [i, peer] of others.entries()) peer.tell('register', `Peer ${i}`);
      await eventually(() => expect(Object.keys(view.users).length).toBe(151), CROWD_MS);
      const gone = idsOf(others);

      await leave(...others);

      await eventually(() => expect(view.users).toEqual({ [last.id]: 'Last' }), CROWD_MS);
      await eventually(() => expect(last.all('userDisconnected').length).toBe(150), CROWD_MS);
      await last.settled();
      expect(last.all('userDisconnected').sort()).toEqual(gone); // each once
    },
    4 * CROWD_MS,
  );
});

describe('while a stopping server empties itself', () => {
  let stopping: RunningApp;
  let ana: Peer;
  let ben: Peer;
  let cem: Peer;
  let stopped: Promise<void>;

  beforeEach(async () => {
    stopping = await startApp({ DRAIN_SECONDS: '2', RATE_LIMITS: 'off' });
    const connectHere = () => Peer.connect(stopping.url, { reconnection: false });
    // It closes the oldest connections first, which leaves these three for well over a second.
    for (let i = 0; i < 30; i += 1) peers.push(await connectHere());
    peers.push(
      (ana = await connectHere()),
      (ben = await connectHere()),
      (cem = await connectHere()),
    );
  });
  afterEach(() => stopped);

  it('a list that was asked for before it stopped still comes', async () => {
    ana.tell('getOnlineUsers');
    await ana.next('onlineUsers');
    await ana.ask('getOnlineUsers'); // must wait, because she had one a moment ago

    stopped = stopping.close();

    expect(await ana.next('onlineUsers')).toEqual({});
  });

  it('whoever is left hears of those who registered just before it stopped', async () => {
    await ana.ask('register', 'Ana');
    await cem.next('userConnected');
    await ben.ask('register', 'Ben'); // within the window that Ana opened

    stopped = stopping.close();

    await cem.next('userConnected');
  });
});

function idsOf(peers: Peer[]): string[] {
  return peers.map(({ id }) => id).sort();
}

/** What the tutorial's page shows: asks again on every hint, strikes out who left. */
function liveView({ socket }: Peer): { users: Record<string, string> } {
  const view: { users: Record<string, string> } = { users: {} };
  socket.on('userConnected', () => socket.emit('getOnlineUsers'));
  socket.on('onlineUsers', (users) => (view.users = { ...users }));
  socket.on('userDisconnected', (id) => {
    view.users = Object.fromEntries(Object.entries(view.users).filter(([other]) => other !== id));
  });
  return view;
}
