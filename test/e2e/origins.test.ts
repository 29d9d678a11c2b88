import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';

const OURS = ['https://a.example', 'https://b.example'];
const FOREIGN = [
  'https://c.example',
  'null',
  'http://a.example',
  'https://a.example:8443',
  'https://a.example:443',
  'https://a.example/',
  'https://a.example.evil.com',
  'https://evil-a.example',
  'https://www.a.example',
  'https://user@a.example',
  'HTTPS://A.EXAMPLE',
  'https://a.example, https://b.example',
  '*',
];
const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';
const ROUTES = ['/', '/health/live', '/health/ready', '/demo/', '/nowhere'];

let server: RunningApp;

const withOrigin = (origin: string | undefined): Record<string, string> =>
  origin === undefined ? {} : { origin };

const get = (path: string, origin?: string): Promise<Response> =>
  fetch(server.url + path, { headers: withOrigin(origin) });

const options = (transport: Transport, origin?: string) => ({
  transports: [transport],
  extraHeaders: withOrigin(origin),
});

/** Connects as a page of that origin, registers, and leaves. */
async function visit(transport: Transport, origin?: string): Promise<void> {
  const peer = await Peer.connect(server.url, options(transport, origin));
  expect(await peer.ask('register', 'Ana')).toMatchObject({ ok: true });
  await peer.close();
}

describe('without CORS_ORIGINS', () => {
  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());

  it.each(TRANSPORTS)('a page of any origin connects over %s', async (transport) => {
    for (const origin of ['https://anyone.example', 'null', undefined]) {
      await visit(transport, origin);
    }
  });

  it('a page of any origin may read what it asks for', async () => {
    for (const path of ['/', '/health/live', HANDSHAKE]) {
      const answer = await get(path, 'https://anyone.example');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      // With credentials, "any origin" would let every site act as the user who visits it.
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('with CORS_ORIGINS', () => {
  beforeAll(async () => {
    server = await startApp({ CORS_ORIGINS: OURS.join(',') });
  });
  afterAll(() => server.close());

  describe.each(TRANSPORTS)('over %s', (transport) => {
    it.each(OURS)('a page of %s connects', (origin) => visit(transport, origin));

    it('a client without an origin, which is no page, connects', () => visit(transport));

    it.each(FOREIGN)('a page of %s is told why not, and stops trying', async (origin) => {
      const stranger = Peer.connecting(server.url, options(transport, origin));
      let told: (Error & { data?: unknown }) | undefined;
      let attempts = 0;
      stranger.socket.on('connect_error', (error) => (told = error));
      stranger.socket.io.on('reconnect_attempt', () => (attempts += 1));

      await eventually(() => expect(told).toBeDefined());

      expect(told?.data).toEqual({ code: 'unauthorized', message: expect.any(String) as string });
      expect(stranger.socket.active).toBe(false);
      expect(stranger.socket.connected).toBe(false);
      await stranger.close();
      expect(attempts).toBe(0);
    });
  });

  it('nobody hears of a page that was refused', async () => {
    const ana = await Peer.connect(server.url);
    const stranger = Peer.connecting(server.url, options('websocket', 'https://c.example'));
    stranger.tell('register', 'Stranger'); // sent at once if it were ever connected
    await eventually(() => expect(stranger.socket.active).toBe(false));

    ana.tell('getOnlineUsers');
    expect(await ana.next('onlineUsers')).toEqual({});
    await stranger.close();
    await ana.settled();
    expect(ana.received).toEqual([]);
    await ana.close();
  });

  it.each(OURS)('a page of %s may read what it asks for', async (origin) => {
    for (const path of ['/', '/health/live', HANDSHAKE]) {
      const answer = await get(path, origin);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      // Or a cache would hand the answer for one origin to a page of the other.
      expect(answer.headers.get('vary')).toMatch(/\borigin\b/i);
    }
  });

  it.each(FOREIGN)('a page of %s is refused on every HTTP route', async (origin) => {
    for (const path of ROUTES) {
      const answer = await get(path, origin);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(await answer.text()).not.toContain(origin);
    }
  });

  it('no preflight of a foreign page succeeds', async () => {
    for (const path of ['/', HANDSHAKE]) {
      const answer = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: { origin: 'https://c.example', 'access-control-request-method': 'POST' },
      });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('whoever sends no origin is answered on every HTTP route', async () => {
    for (const path of ['/', '/health/live', '/health/ready', '/demo/']) {
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
  });
});
