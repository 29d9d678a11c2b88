import { type RunningApp, startApp } from '../support/app.js';
import { connect } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

const OPEN = 800;
const REGISTERED = 200;
const LEAVING = 400;
const CALLS = 20;
const BATCH = 100;

/** A page that shows who is on: it asks again on every hint, and strikes out who has left. */
class Page {
  private online: Record<string, string> = {};

  private constructor(readonly peer: Peer) {
    const { socket } = peer;
    socket.on('onlineUsers', (users) => (this.online = users));
    socket.on('userDisconnected', (id) => Reflect.deleteProperty(this.online, id));
    socket.on('userConnected', () => socket.emit('getOnlineUsers'));
    socket.onAny(() => (peer.received.length = 0)); // it keeps its list and nothing else
  }

  static async open(url: string): Promise<Page> {
    const page = new Page(await Peer.connect(url, { reconnection: false }));
    page.peer.socket.emit('getOnlineUsers');
    return page;
  }

  get shown(): Record<string, string> {
    return this.online;
  }
}

describe('many who come and go', () => {
  let server: RunningApp;
  let pair: [Peer, Peer];
  let pages: Page[];

  beforeAll(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
    pages = [];
    while (pages.length < OPEN) {
      pages.push(
        ...(await Promise.all(Array.from({ length: BATCH }, () => Page.open(server.url)))),
      );
    }
    const [ana, ben] = await Promise.all([Peer.connect(server.url), Peer.connect(server.url)]);
    pair = [ana, ben];
  }, 30_000);
  afterAll(async () => {
    await Promise.all([...pages.map(({ peer }) => peer), ...pair].map((peer) => peer.close()));
    await server.close();
  }, 30_000);

  /** One call after the other, each of the two calling in turn, until there were enough. */
  const call = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const [caller, callee] = index % 2 === 0 ? pair : [pair[1], pair[0]];
      const callId = await connect(caller, callee);
      expect(await caller.ask('endCall', { callId })).toEqual({
        ok: true,
        callId,
        reason: 'hangup',
      });
      await callee.next('endCall');
    }
  };

  const everybodySees = (names: Record<string, string>): Promise<void> => {
    const wanted = JSON.stringify(sorted(names));
    return eventually(() => {
      const wrong = pages.filter(({ shown }) => JSON.stringify(sorted(shown)) !== wanted);
      expect(wrong.map(({ shown }) => Object.keys(shown).length)).toEqual([]);
    }, 15_000);
  };

  it('200 registrations among 800: every page has the same list, and calls go on', async () => {
    const calling = call(CALLS / 2);
    const registering = pages.slice(0, REGISTERED);
    const replies = await Promise.all(
      registering.map(({ peer }, index) => peer.ask('register', `name ${index}`)),
    );
    expect(replies.filter(({ ok }) => !ok)).toEqual([]);
    const names = Object.fromEntries(
      registering.map(({ peer }, index) => [peer.id, `name ${index}`]),
    );
    await calling;
    await everybodySees(names);
  }, 30_000);

  it('400 of them leave at once: the others have the same list, and calls go on', async () => {
    const calling = call(CALLS / 2);
    // Half of those who are on the list, and half of the others.
    const stays = (index: number) => index % 2 === 0;
    const leaving = pages.filter((_, index) => !stays(index));
    expect(leaving).toHaveLength(LEAVING);
    pages = pages.filter((_, index) => stays(index));
    const names = Object.fromEntries(
      pages.slice(0, REGISTERED / 2).map(({ peer }, index) => [peer.id, `name ${2 * index}`]),
    );
    await Promise.all(leaving.map(({ peer }) => peer.close()));
    await calling;
    await everybodySees(names);
    // And what they show is what they would be told.
    for (const { peer } of pages) peer.socket.emit('getOnlineUsers');
    await pair[0].ask('getOnlineUsers');
    expect(await pair[0].next('onlineUsers')).toEqual(names);
    await everybodySees(names);
    for (const peer of pair) {
      expect(peer.all('exception')).toEqual([]);
      expect(peer.socket.connected).toBe(true);
    }
  }, 30_000);
});

function sorted(users: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(users).sort(([a], [b]) => (a < b ? -1 : 1)));
}
