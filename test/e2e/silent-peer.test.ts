import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

describe.each(TRANSPORTS)('a peer that goes silent on %s', (transport) => {
  let server: RunningApp;
  let ana: Peer;
  let silent: SilentPeer;

  beforeAll(async () => {
    server = await startApp({ PING_INTERVAL_MS: '300', PING_TIMEOUT_MS: '300' });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    ana = await Peer.connect(server.url);
    await ana.ask('register', 'Ana');
    silent = await CONNECT[transport](server.url);
  });
  afterEach(async () => {
    await silent.stop();
    await ana.close();
  });

  it('is announced as gone, leaves the list, and can no longer be reached', async () => {
    await silent.send('42["register","Silent"]');
    await ana.next('userConnected');
    ana.tell('getOnlineUsers');
    expect(await ana.next('onlineUsers')).toEqual({ [ana.id]: 'Ana', [silent.id]: 'Silent' });

    expect(await ana.next('userDisconnected')).toBe(silent.id);
    ana.tell('getOnlineUsers');
    expect(await ana.next('onlineUsers')).toEqual({ [ana.id]: 'Ana' });
    expect(await ana.ask('call', { to: silent.id })).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    });
    expect(ana.socket.connected).toBe(true); // who answers pings stays
  });

  it('is not announced when nobody ever heard of it', async () => {
    await eventually(async () => {
      const answer = await ana.ask('offer', { to: silent.id, sdp: 'v=0' });
      expect(answer).toMatchObject({ ok: false });
    });
    expect(ana.all('userDisconnected')).toEqual([]);
  });
});

/** A client that joins, and from then on answers nothing, pings least of all. */
interface SilentPeer {
  readonly id: string;
  send(packet: string): unknown;
  stop(): unknown;
}

const CONNECT: Record<Transport, (url: string) => Promise<SilentPeer>> = {
  async websocket(url) {
    const { raw, id } = await RawSocket.connect(url);
    return { id, send: (packet) => raw.say(packet), stop: () => raw.close() };
  },

  async polling(url) {
    const { polling, id } = await RawPolling.connect(url);
    // It listens on until the server gives up on it, since one that does not leaves the server a
    // timer of 30 s, which would outlive the test. What it hears it never answers.
    const givenUpOn = polling.hearToTheEnd();
    return { id, send: (packet) => polling.say(packet), stop: () => givenUpOn };
  },
};
