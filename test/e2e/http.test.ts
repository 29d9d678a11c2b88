import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { type RunningApp, startApp } from '../support/app.js';
import { Peer } from '../support/peer.js';
import { http } from '../support/raw/http.js';

const packageJson = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { name: string; version: string };

interface About {
  name: string;
  version: string;
  links: Record<string, string>;
}

let server: RunningApp;

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(server.url + path, init);
const about = async (): Promise<About> => (await (await get('/')).json()) as About;

describe('the HTTP side', () => {
  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());

  it('introduces itself at /, by the name and version of the package', async () => {
    expect(await about()).toMatchObject({ name: packageJson.name, version: packageJson.version });
  });

  it('links only to what is there', async () => {
    const { links } = await about();
    expect(links).toMatchObject({
      signaling: '/socket.io/',
      live: '/health/live',
      ready: '/health/ready',
      demo: '/demo/',
    });
    for (const [name, path] of Object.entries(links)) {
      if (name === 'signaling') continue; // speaks Engine.IO, and to nobody else
      expect([path, (await get(path, { redirect: 'error' })).status]).toEqual([path, 200]);
    }
  });

  it.each(['/health/live', '/health/ready'])('answers %s with 200 and "ok"', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'ok' });
    expect(answer.headers.get('cache-control')).toMatch(/no-store|no-cache/);
  });

  it.each(['/', '/health/live', '/demo/', '/nowhere'])(
    'sends %s with headers that keep a page safe',
    async (path) => {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe-');
      expect(policy).not.toContain('upgrade-insecure-requests'); // would break plain-HTTP set-ups
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toMatch(/^(DENY|SAMEORIGIN)$/);
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('strict-transport-security')).toBeNull(); // TLS ends elsewhere
    },
  );

  it.each(['/nowhere', '/health', '/health/live/x', '/%00', '/package.json'])(
    'answers %s with a 404 in JSON that gives nothing away',
    async (path) => {
      const answer = await get(path);
      const body = await answer.text();
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(JSON.parse(body)).toMatchObject({ statusCode: 404 });
      expect(body).not.toMatch(/node_modules|at .*:\d+:\d+|\/src\/|\/dist\//);
    },
  );

  it.each([
    '/demo/../../app.module.ts',
    '/demo/%2e%2e/%2e%2e/app.module.ts',
    '/demo/..%2f..%2fapp.module.ts',
    '/demo/..\\..\\app.module.ts',
    '//demo/../../app.module.ts',
  ])('serves nothing from outside the demo page: %s', async (path) => {
    // Sent as it stands, which `fetch` would not.
    const [answer] = (await once(
      request(server.url, { path, agent: false }).end(),
      'response',
    )) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  });

  it('takes no harm from a megabyte that nobody asked for', async () => {
    const body = 'x'.repeat(1024 * 1024);
    const answers = await Promise.all(
      ['/', '/health/live', '/nowhere'].map((path) => get(path, { method: 'POST', body })),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await get('/health/live')).status).toBe(200);
  });

  it('answers HEAD as GET, without a body', async () => {
    const answer = await get('/health/ready', { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  describe('serves the stock client', () => {
    it.each(['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js'])('as %s', async (name) => {
      for (const encoding of ['gzip', 'identity']) {
        const answer = await get(`/socket.io/${name}?v=1`, {
          headers: { 'Accept-Encoding': encoding },
        });
        expect(answer.status).toBe(200);
        expect(answer.headers.get('content-type')).toMatch(/^application\/javascript/);
        expect(answer.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
        const script = await answer.text();
        expect(script).toContain('Socket.IO v4');
        expect(script).not.toContain('sourceMappingURL');
      }
    });

    it('once to a browser that has it', async () => {
      const etag = (await get('/socket.io/socket.io.js')).headers.get('etag');
      // `fetch` would ask for a fresh one all the same.
      const again = await http(`${server.url}/socket.io/socket.io.js`, {
        headers: { 'If-None-Match': String(etag) },
      });
      expect(again).toEqual({ status: 304, body: '' });
    });

    it.each([
      'socket.io.js.map',
      'socket.io.min.js.map',
      'socket.io.msgpack.min.js',
      '..%2fpackage.json',
    ])('and nothing else: not %s', async (name) => {
      expect((await get(`/socket.io/${name}`)).status).toBe(404);
    });
  });
});

describe('with DEMO=off', () => {
  beforeAll(async () => {
    server = await startApp({ DEMO: 'off' });
  });
  afterAll(() => server.close());

  it('there is no demo page, and no link to one', async () => {
    expect((await about()).links).not.toHaveProperty('demo');
    for (const path of ['/demo/', '/demo', '/demo/index.html', '/demo/demo.js']) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });

  it('signaling works all the same', async () => {
    const ana = await Peer.connect(server.url);
    expect(await ana.ask('register', 'Ana')).toMatchObject({ ok: true });
    await ana.close();
  });
});
