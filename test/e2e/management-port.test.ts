import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { startApp, type RunningApp } from '../support/app.js';

describe('MANAGEMENT_PORT', () => {
  let server: RunningApp;
  let management: string;

  beforeAll(async () => {
    const port = await freePort();
    server = await startApp({ MANAGEMENT_PORT: String(port), HOST: '127.0.0.1' });
    management = `http://127.0.0.1:${port}`;
  });
  afterAll(() => server.close());

  const status = async (url: string) => (await fetch(url)).status;

  it.each(['/metrics', '/Metrics', '/METRICS/', '/health/live', '/Health/Ready'])(
    'serves %s, and the public port does not',
    async (path) => {
      expect(await status(management + path)).toBe(200);
      expect(await status(server.url + path)).toBe(404);
    },
  );

  it.each(['/%6detrics', '//metrics', '/./metrics', '/metrics%2f', '/health%2Flive'])(
    'keeps %s from the public, too',
    async (path) => {
      const body = await (await fetch(server.url + path)).text();
      expect(body).not.toMatch(/switchboard_|"status":"ok"/);
    },
  );

  it.each(['/', '/demo/', '/socket.io/?EIO=4&transport=polling'])(
    'leaves %s to the public port',
    async (path) => {
      expect(await status(management + path)).toBe(404);
      expect(await status(server.url + path)).toBe(200);
    },
  );

  it('is not linked to from the public page', async () => {
    const about = (await (await fetch(server.url)).json()) as { links: Record<string, string> };
    expect(about.links).toEqual({ signaling: '/socket.io/', demo: '/demo/' });
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
