import { setTimeout } from 'node:timers/promises';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/process.js';
import { RawSocket } from '../support/raw/socket.js';

/** Longer than Node itself would wait, and less than what balancers do. */
const IDLE_MS = 8_000;
const REQUEST = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';

const answers = (raw: RawSocket) => raw.plain.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0;

async function asks(raw: RawSocket): Promise<void> {
  const before = answers(raw);
  raw.write(REQUEST);
  await eventually(() => expect(answers(raw)).toBe(before + 1));
}

const PORTS = ['PORT', 'MANAGEMENT_PORT'];

async function start(name: string): Promise<RunningApp & { raw: RawSocket }> {
  if (name === 'PORT') {
    const server = await startApp();
    return { ...server, raw: await RawSocket.tcp(server.url) };
  }
  const port = await freePort();
  const server = await startApp({ MANAGEMENT_PORT: String(port), HOST: '127.0.0.1' });
  return { ...server, raw: await RawSocket.tcp(`http://127.0.0.1:${port}`) };
}

/** All at once: each waits for timers of Node that no setting shortens. */
describe('a connection that waits for its next request', () => {
  it.concurrent.each(PORTS)(
    'to %s outlives those of a balancer, and holds up no stop',
    async (name) => {
      const { raw, ...server } = await start(name);
      await asks(raw);
      expect(raw.plain).toMatch(/\r\nKeep-Alive: timeout=75\r\n/i);
      await setTimeout(IDLE_MS);
      await asks(raw);
      await server.close(); // or the test runs out of its time
      await raw.isClosed();
    },
  );

  it.concurrent.each(PORTS)('to %s may not begin one that never comes', async (name) => {
    const { raw, ...server } = await start(name);
    await asks(raw);
    raw.write(REQUEST.slice(0, 30));
    await raw.isClosed(15_000);
    await server.close();
  });
});
