import { WebSocket } from 'ws';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';

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
  send(packet: string): Promise<void> | void;
  stop(): Promise<void> | void;
}

const CONNECT: Record<Transport, (url: string) => Promise<SilentPeer>> = {
  async websocket(url) {
    const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`);
    const id = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        const packet = data.toString();
        if (packet.startsWith('0{')) socket.send('40');
        if (packet.startsWith('40{')) resolve(sidIn(packet));
      });
    });
    return { id, send: (packet) => socket.send(packet), stop: () => socket.terminate() };
  },

  async polling(url) {
    let query = '?EIO=4&transport=polling';
    const poll = async () => {
      const answer = await fetch(`${url}/socket.io/${query}`);
      return answer.ok ? answer.text() : '1'; // it does not know us any more
    };
    const send = async (packet: string) => {
      await (await fetch(`${url}/socket.io/${query}`, { method: 'POST', body: packet })).text();
    };
    query += `&sid=${sidIn(await poll())}`;
    await send('40');
    const id = sidIn(await poll());
    // It listens on until the server gives up on it, since one that does not leaves the server a
    // timer of 30 s, which would outlive the test. What it hears it never answers.
    const givenUpOn = (async () => {
      while (!(await poll()).split('\x1e').includes('1'));
    })();
    return { id, send, stop: () => givenUpOn };
  },
};

function sidIn(packet: string): string {
  return (JSON.parse(packet.slice(packet.indexOf('{'))) as { sid: string }).sid;
}
