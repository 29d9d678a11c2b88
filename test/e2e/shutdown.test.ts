import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { NODE, NPM_START, ServiceProcess, ensureBuilt, freePort } from '../support/process.js';

const DRAIN_MS = 2_000;
/** What a busy machine may add to anything that is timed here. */
const PATIENCE_MS = 3_000;

describe.each([
  ['node dist/main.js', NODE],
  ['npm start', NPM_START],
])('a server started by %s', (_, command) => {
  const services: ServiceProcess[] = [];
  let clients: Peer[] = [];

  const start = async (port: number, drainMs: number): Promise<ServiceProcess> => {
    const service = ServiceProcess.start(
      { PORT: String(port), DRAIN_SECONDS: String(drainMs / 1_000), RATE_LIMITS: 'off' },
      command,
    );
    services.push(service);
    await service.listening();
    return service;
  };

  beforeAll(ensureBuilt, 60_000);
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(services.splice(0).map((service) => service.kill()));
  });

  it('empties itself on SIGTERM, and 200 stock clients come back to the next one', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const first = await start(port, DRAIN_MS);
    clients = await crowd(url);
    const closures = closuresOf(clients);

    const stoppedAt = performance.now();
    first.signal('SIGTERM');

    await eventually(async () => expect(await status(`${url}/health/ready`)).toBe(503), DRAIN_MS);
    for (const headers of [[], WEBSOCKET_UPGRADE]) {
      const transport = headers.length === 0 ? 'polling' : 'websocket';
      const answer = await rawAnswer(port, `/socket.io/?EIO=4&transport=${transport}`, headers);
      expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
      expect(answer).toMatch(/\r\nRetry-After: [1-9]\d*\r\n/i);
    }

    await eventually(() => expect(closures.size).toBe(clients.length), DRAIN_MS + PATIENCE_MS);
    for (const closure of closures.values()) {
      expect(closure).toMatchObject({ reason: 'transport close', active: true });
    }
    const closedAt = [...closures.values()].map(({ at }) => at - stoppedAt);
    expect(Math.max(...closedAt)).toBeLessThan(DRAIN_MS + PATIENCE_MS);
    expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(DRAIN_MS / 5);

    expect(await first.exitCode()).toBe(0);
    await expect(rawAnswer(port, '/')).rejects.toThrow('ECONNREFUSED');

    await start(port, 0);
    await eventually(() => {
      expect(clients.filter(({ socket }) => socket.connected)).toHaveLength(clients.length);
    }, 20_000);
    await register(clients);
    const [someone] = clients as [Peer];
    someone.tell('getOnlineUsers');
    expect(Object.keys(await someone.next('onlineUsers')).sort()).toEqual(
      clients.map(({ id }) => id).sort(),
    );
  }, 60_000);

  it('stays alive to whoever would restart it while it empties itself', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const service = await start(port, 1_000);
    clients = await crowd(url, 20);

    service.signal('SIGTERM');

    await eventually(async () => expect(await status(`${url}/health/ready`)).toBe(503), DRAIN_MS);
    expect(await status(`${url}/health/live`)).toBe(200);
    expect(await service.exitCode()).toBe(0);
  }, 60_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'exits with 0 on %s, as a terminal sends it to every process, unhurried by a second one',
    async (signal) => {
      const port = await freePort();
      const service = await start(port, 1_000);
      clients = await crowd(`http://127.0.0.1:${port}`, 20);
      const closures = closuresOf(clients);

      service.signalGroup(signal);
      await eventually(() => expect(closures.size).toBeGreaterThan(0), PATIENCE_MS);
      service.signalGroup(signal);
      service.signal('SIGINT');
      expect(closures.size).toBeLessThan(clients.length);

      expect(await service.exitCode()).toBe(0);
      await eventually(() => expect(closures.size).toBe(clients.length));
      for (const closure of closures.values()) {
        expect(closure).toMatchObject({ reason: 'transport close', active: true });
      }
      expect(service.logLines().filter(({ message }) => message === 'drained')).toHaveLength(1);
      expect(service.stderr).not.toMatch(/error/i);
      await expect(rawAnswer(port, '/')).rejects.toThrow('ECONNREFUSED');
    },
    60_000,
  );
});

/** Registered clients of every kind: most on WebSocket, some on long-polling, some that upgrade. */
async function crowd(url: string, size = 200): Promise<Peer[]> {
  const kinds = [['websocket'], ['websocket'], ['polling'], ['polling', 'websocket']];
  const clients = await Promise.all(
    Array.from({ length: size }, (_, i) =>
      Peer.connect(url, { transports: kinds[i % kinds.length] ?? [], timeout: 20_000 }),
    ),
  );
  await register(clients);
  return clients;
}

async function register(clients: Peer[]): Promise<void> {
  const answers = await Promise.all(
    clients.map((client, i) => client.ask('register', `Peer ${i}`)),
  );
  for (const answer of answers) expect(answer.ok).toBe(true);
}

interface Closure {
  at: number;
  reason: string;
  /** Whether the client goes on to connect again by itself. */
  active: boolean;
}

/** How each client lost its connection, the first time it did. */
function closuresOf(clients: Peer[]): Map<Peer, Closure> {
  const closures = new Map<Peer, Closure>();
  for (const client of clients) {
    client.socket.once('disconnect', (reason) => {
      const { active } = client.socket;
      closures.set(client, { at: performance.now(), reason, active });
    });
  }
  return closures;
}

async function status(url: string): Promise<number> {
  const answer = await fetch(url);
  await answer.text();
  return answer.status;
}

const WEBSOCKET_UPGRADE = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** The answer as it is on the wire, to a request written by hand. */
async function rawAnswer(port: number, path: string, headers: string[] = []): Promise<string> {
  const lines = headers.length > 0 ? headers : ['Connection: close'];
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
  socket.write([`GET ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n'));
  return text(socket);
}
