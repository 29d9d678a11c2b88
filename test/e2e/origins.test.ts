import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';
import { http, type HttpAnswer } from '../support/raw/http.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

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
const WEBSOCKET = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};
const ROUTES = ['/', '/health/live', '/health/ready', '/demo/', '/nowhere'];

let server: RunningApp;

const withOrigin = (origin: string | undefined): Record<string, string> =>
  origin === undefined ? {} : { origin };

const get = (path: string, origin?: string): Promise<Response> =>
  fetch(server.url + path, { headers: withOrigin(origin) });

const ask = (path: string, headers: Record<string, string>, method = 'GET', body = '') =>
  http(server.url + path, { method, headers, body });

const isRefused = ({ status, body }: HttpAnswer, message = 'this origin is not allowed') => {
  expect(status).toBe(403);
  expect(JSON.parse(body)).toEqual({ code: 'unauthorized', message });
};

/** What Engine.IO, or whoever stands before it, answers to an upgrade of that origin. */
async function upgrade(path: string, headers: Record<string, string>): Promise<string> {
  const raw = await RawSocket.tcp(server.url);
  const given = { host: 'localhost', ...WEBSOCKET, ...headers };
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}`);
  raw.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  await eventually(() => expect(raw.plain).toContain('\r\n\r\n'));
  await raw.close();
  return raw.plain;
}

const options = (transport: Transport, origin?: string, headers: Record<string, string> = {}) => ({
  transports: [transport],
  extraHeaders: { ...withOrigin(origin), ...headers },
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

describe.each([
  ['without CORS_ORIGINS', {}],
  ['with CORS_ORIGINS', { CORS_ORIGINS: OURS.join(',') }],
])('%s, JSONP, whose answers any page may read,', (_, settings) => {
  const message = 'JSONP is not served here: poll with XMLHttpRequest or fetch';

  beforeAll(async () => {
    server = await startApp(settings);
  });
  afterAll(() => server.close());

  it.each(['0', '', 'x', '0&j=1'])('opens no connection: j=%s', async (j) => {
    isRefused(await ask(`${HANDSHAKE}&j=${j}`, {}), message);
  });

  it('neither polls nor posts on a connection that there is', async () => {
    const { polling } = await RawPolling.connect(server.url);
    const path = `${HANDSHAKE}&sid=${polling.sid}&j=0`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    isRefused(await ask(path, {}), message);
    isRefused(await ask(path, form, 'POST', 'd=41'), message);

    await polling.say('421["register","Ana"]');
    expect((await polling.hear()).join()).toContain('431[{"ok":true');
    await polling.say('1');
  });

  it('is no matter of a WebSocket, whose URL may say what it likes', async () => {
    const answer = await upgrade('/socket.io/?EIO=4&transport=websocket&j=0', {});
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
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
      // What the front ends of sticky balancers need, whose cookies go with each request.
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
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

  it('a listed page may send cookies with what has to be asked for first', async () => {
    for (const path of ['/', HANDSHAKE]) {
      const { headers } = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
      });
      expect(headers.get('access-control-allow-origin')).toBe('https://a.example');
      expect(headers.get('access-control-allow-credentials')).toBe('true');
    }
  });

  describe('a page of a foreign origin that has learnt of a connection', () => {
    let victim: RawPolling;
    let path: string;

    beforeEach(async () => {
      ({ polling: victim } = await RawPolling.connect(server.url));
      path = `${HANDSHAKE}&sid=${victim.sid}`;
    });
    afterEach(async () => {
      await victim.say('421["register","Ana"]');
      expect((await victim.hear()).join()).toContain('431[{"ok":true'); // as if nothing had been
      await victim.say('1');
    });

    it.each(FOREIGN)('neither polls nor posts on it, from %s', async (origin) => {
      isRefused(await ask(path, { origin }));
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', '']) {
        isRefused(await ask(path, { origin, 'content-type': type }, 'POST', '41'));
      }
    });

    it.each(FOREIGN)('does not make a WebSocket of it, from %s', async (origin) => {
      const url = `/socket.io/?EIO=4&transport=websocket&sid=${victim.sid}`;
      const answer = await upgrade(url, { origin });
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(answer).toContain('"code":"unauthorized"');
    });

    it('nor from one that it may speak on, of its own', async () => {
      const origin = 'https://c.example';
      const { body } = await ask(HANDSHAKE, { origin });
      const { sid } = JSON.parse(body.slice(1)) as { sid: string };
      expect(await ask(`${HANDSHAKE}&sid=${sid}`, { origin }, 'POST', '40')).toMatchObject({
        status: 200,
      });
      const told = await ask(`${HANDSHAKE}&sid=${sid}`, { origin });
      expect(told.body).toMatch(/^44\{.*"unauthorized"/);
      isRefused(await ask(path, { origin }));
      isRefused(await ask(`${HANDSHAKE}&sid=${sid}`, { origin: 'https://d.example' }));
    });

    it.each(['cross-site', 'same-site'])(
      'does nothing by %s tags, without an origin',
      async (site) => {
        const headers = { 'sec-fetch-site': site };
        isRefused(await ask(path, headers));
        isRefused(await ask(path, headers, 'POST', '41'));
        isRefused(await ask(HANDSHAKE, headers));
        const answer = await upgrade('/socket.io/?EIO=4&transport=websocket', headers);
        expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      },
    );
  });

  it('a page of the same origin, and whoever types an address in, sends none and is answered', async () => {
    for (const site of ['same-origin', 'none']) {
      expect(await ask(HANDSHAKE, { 'sec-fetch-site': site })).toMatchObject({ status: 200 });
    }
  });

  it('links and script tags of any page get what anybody may have', async () => {
    for (const path of ['/', '/demo/', '/socket.io/socket.io.js']) {
      const answer = await ask(path, { 'sec-fetch-site': 'cross-site' });
      expect([path, answer.status]).toEqual([path, 200]);
    }
  });

  describe('an app that takes the address it calls for its origin', () => {
    /** What it is answered in the Socket.IO handshake. */
    const overPolling = async (origin: string, host: string) => {
      const { body } = await ask(HANDSHAKE, { origin, host });
      const { sid } = JSON.parse(body.slice(1)) as { sid: string };
      await ask(`${HANDSHAKE}&sid=${sid}`, { origin, host }, 'POST', '40');
      const answer = await ask(`${HANDSHAKE}&sid=${sid}`, { origin, host });
      await ask(`${HANDSHAKE}&sid=${sid}`, { origin, host }, 'POST', '1');
      return answer.body;
    };
    const overWebSocket = async (origin: string, host: string) => {
      const peer = Peer.connecting(server.url, options('websocket', origin, { host }));
      await eventually(() => expect(peer.socket.connected || !peer.socket.active).toBe(true));
      const { connected } = peer.socket;
      await peer.close();
      return connected;
    };

    it.each([
      ['https://signal.example', 'signal.example'],
      ['https://signal.example:443', 'Signal.Example'],
      ['wss://signal.example', 'signal.example:443'],
      ['http://signal.internal:3000', 'signal.internal:3000'],
      ['http://[2001:db8::1]:3000', '[2001:db8::1]:3000'],
    ])('connects: %s at %s', async (origin, host) => {
      expect(await overPolling(origin, host)).toMatch(/^40\{"sid"/);
      expect(await overWebSocket(origin, host)).toBe(true);
    });

    it('does not if it names another', async () => {
      expect(await overPolling('https://signal.example', 'other.example')).toMatch(/^44\{/);
      expect(await overWebSocket('https://signal.example', 'other.example')).toBe(false);
    });

    it('does not without TLS by a name, as a browser: any page may have one that leads here', async () => {
      const rebound = { host: 'evil.example', 'accept-language': 'en' };
      const stranger = Peer.connecting(
        server.url,
        options('websocket', 'http://evil.example', rebound),
      );
      await eventually(() => expect(stranger.socket.active).toBe(false));
      await stranger.close();
    });
  });

  it('a page of the server itself is answered on every route', async () => {
    for (const path of ['/', '/health/live', '/demo/']) {
      expect([path, (await get(path, server.url)).status]).toEqual([path, 200]);
    }
  });
});

describe('with CORS_ORIGINS behind a proxy', () => {
  afterEach(() => server.close());

  const named = { origin: 'https://signal.example', 'x-forwarded-host': 'signal.example' };
  const connects = async () => {
    const peer = Peer.connecting(server.url, { extraHeaders: named });
    await eventually(() => expect(peer.socket.active && !peer.socket.connected).toBe(false));
    const { connected } = peer.socket;
    await peer.close();
    return connected;
  };

  it('an app may name the host that the proxy was asked for', async () => {
    server = await startApp({ CORS_ORIGINS: OURS.join(','), TRUST_PROXY: '1' });
    expect(await connects()).toBe(true);
  });

  it('nobody is believed to be a proxy', async () => {
    server = await startApp({ CORS_ORIGINS: OURS.join(',') });
    expect(await connects()).toBe(false);
  });
});
