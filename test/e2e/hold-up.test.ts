import { setImmediate, setTimeout } from 'node:timers/promises';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { frame, OPCODE } from '../support/raw/frames.js';
import { http } from '../support/raw/http.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const HOSTILE = 20;
/** About what the server reads of a connection at once. */
const SEGMENT_BYTES = 64 * 1024;
const BOUND_MB = 64;
/** Who floods waits for its turns, and longer on a machine that does much else. */
const PATIENCE_MS = 30_000;

const text = (packet: string): Buffer => frame(OPCODE.text, Buffer.from(packet));
const NOTHING = Buffer.alloc(0);
/** As many as go into one segment. */
const full = (bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: Math.floor(SEGMENT_BYTES / bytes.length) }, () => bytes));
const get = (path: string): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);

const FRAMES: Record<string, Buffer> = {
  'WebSocket pings': frame(OPCODE.ping, NOTHING),
  'WebSocket pongs': frame(OPCODE.pong, NOTHING),
  'pongs of Engine.IO': text('3'),
  'acknowledgements that nobody asked for': text('430[]'),
  'requests for the list': text('42["getOnlineUsers"]'), // as the tutorial asks
  'events that there are not': text('421["x"]'),
  'CONNECTs to namespaces that there are not': text('40/x,'),
  'messages of nothing but empty fragments': Buffer.concat([
    frame(OPCODE.text, Buffer.from('3'), false),
    ...Array.from({ length: 500 }, () => frame(OPCODE.continuation, NOTHING, false)),
    frame(OPCODE.continuation, NOTHING),
  ]),
};
const PATHS = [
  '/',
  '/metrics',
  '/health/live',
  '/demo/',
  '/nowhere',
  '/socket.io/socket.io.js',
  '/socket.io/socket.io.js.map',
  '/socket.io/?EIO=4&transport=polling',
  '/socket.io/?EIO=4&transport=polling&sid=x',
];

describe('what one client sends without end', () => {
  let server: RunningApp;
  let bystanders: Bystanders;

  beforeEach(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
    bystanders = await Bystanders.connect(server.url);
  });
  afterEach(async () => {
    await bystanders.undisturbed();
    await bystanders.close();
    await server.close();
  });

  it.each(Object.entries(FRAMES))(
    'as %s ends its connection, and of twenty as well',
    async (_, sample) => {
      const segment = full(sample);
      const held = heldMegabytes();
      const raws = await Promise.all(
        Array.from({ length: HOSTILE }, async () => (await RawSocket.connect(server.url)).raw),
      );
      await Promise.all(
        raws.map(async (raw) => {
          while (!raw.closed) {
            await raw.pushes(segment);
          }
        }),
      );
      expect(heldMegabytes() - held).toBeLessThan(BOUND_MB);
    },
    PATIENCE_MS,
  );

  it.each(PATHS)('as requests for %s ends its connection, few of them answered', async (path) => {
    const held = heldMegabytes();
    const raws = await Promise.all(
      Array.from({ length: HOSTILE }, () => RawSocket.tcp(server.url)),
    );
    for (const raw of raws) raw.write(full(get(path)));
    await Promise.all(raws.map((raw) => raw.isClosed()));
    for (const raw of raws) expect(raw.plain.match(/HTTP\/1.1/g)?.length ?? 0).toBeLessThan(10);
    expect(heldMegabytes() - held).toBeLessThan(BOUND_MB);
  });

  it.each(['3', '430[]', '421["x"]', '40/x,'])(
    'as payloads full of %s ends its session',
    async (packet) => {
      const { polling } = await RawPolling.connect(server.url);
      const packets = Array.from({ length: 1_000 }, () => packet);
      let rounds = 0;
      for (; rounds < 100; rounds += 1) if ((await polling.say(...packets)).status !== 200) break;
      expect(rounds).toBeLessThan(10);
    },
  );

  it('as polls, one after another, ends its session', async () => {
    const { polling } = await RawPolling.connect(server.url);
    let rounds = 0;
    for (; rounds < 2_000; rounds += 1) if ((await polling.say('3')).status !== 200) break;
    expect(rounds).toBeLessThan(1_000);
  });

  it('as WebSockets for one session leaves it one, and the others are gone', async () => {
    const { sid } = await RawPolling.open(server.url);
    const path = `/socket.io/?EIO=4&transport=websocket&sid=${sid}`;
    const first = await RawSocket.upgrade(server.url, path);
    const others = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const raw = await RawSocket.tcp(server.url);
        raw.askForWebSocket(path);
        return raw;
      }),
    );
    await Promise.all(others.map((raw) => raw.isClosed()));
    expect(first.closed).toBe(false);
    await first.close();
  });

  it('as sessions is refused with the time to wait, and its address can begin more later', async () => {
    const statuses = new Set<number>();
    const handshake = `${server.url}/socket.io/?EIO=4&transport=polling`;
    // As many as a slow machine needs: the budget comes back with time.
    for (let i = 0; i < 6_000 && !statuses.has(503); i += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(handshake)));
      for (const { status } of answers) statuses.add(status);
    }
    expect([...statuses]).toEqual([200, 503]);
    await eventually(async () => expect((await fetch(handshake)).status).toBe(200));
  });

  it.each([
    ['a page', async () => Promise.resolve('/')],
    [
      'a session',
      async () =>
        `/socket.io/?EIO=4&transport=polling&sid=${(await RawPolling.open(server.url)).sid}`,
    ],
  ])('as a body for %s, byte by byte, ends its connection', async (_, path) => {
    const raw = await RawSocket.tcp(server.url);
    raw.write(
      `POST ${await path()} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (let i = 0; i < 100 && !raw.closed; i += 1) {
      await raw.pushes('1\r\nx\r\n'.repeat(1_000));
    }
    await raw.isClosed();
  });

  it('as a message, a byte in a segment, ends its connection', async () => {
    const { raw } = await RawSocket.connect(server.url);
    const message = text('x'.repeat(50_000));
    for (let i = 0; i < 5_000 && !raw.closed; i += 1) {
      raw.write(message.subarray(i, i + 1));
      await setImmediate();
    }
    await raw.isClosed();
  });

  it('as bodies that are too large for any message ends its session', async () => {
    const { polling } = await RawPolling.connect(server.url);
    expect((await polling.post('x'.repeat(1_100_000))).status).toBe(413);
    await eventually(async () => expect((await polling.say('3')).status).toBe(400));
  });

  it.each(['', '?EIO=4&transport=polling&sid=x'])(
    'as what browsers ask before a request for %j is refused',
    async (query) => {
      const ask = () => http(`${server.url}/socket.io/${query}`, { method: 'OPTIONS' });
      let status = 0;
      for (let i = 0; i < 3_000 && status !== 429; i += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, ask));
        status = answers.at(-1)?.status ?? 0;
      }
      expect(status).toBe(429);
    },
  );

  it('as WebSockets that are reset before their turn ends nothing else', async () => {
    const handshake = '/socket.io/?EIO=4&transport=websocket';
    for (let round = 0; round < 10; round += 1) {
      const raws = await Promise.all(
        Array.from({ length: HOSTILE }, () => RawSocket.tcp(server.url)),
      );
      for (const raw of raws) raw.write(get('/'));
      for (const raw of raws) raw.askForWebSocket(handshake);
      await setTimeout(round % 4);
      for (const raw of raws) raw.reset();
      await Promise.all(raws.map((raw) => raw.isClosed()));
    }
  });

  it('does not cost another its session, however often that has to poll for it', async () => {
    const { polling, id } = await RawPolling.connect(server.url);
    for (let i = 0; i < 10; i += 1) {
      const { raw } = await RawSocket.connect(server.url);
      for (let j = 0; j < 110; j += 1) {
        raw.say(`42["candidate",{"to":"${id}","candidate":{"candidate":"${j}","sdpMid":"0"}}]`);
        expect(await polling.hear()).not.toEqual([]);
      }
      await raw.close();
    }
    expect((await polling.say('3')).status).toBe(200);
  });

  it('as pages is refused, but for what a balancer asks', async () => {
    const ask = (path: string) => fetch(`${server.url}${path}`);
    let last = await ask('/');
    for (let i = 0; i < 3_000 && last.status === 200; i += 50) {
      await Promise.all(Array.from({ length: 50 }, async () => (await ask('/')).text()));
      last = await ask('/');
    }
    expect([last.status, last.headers.get('retry-after')]).toEqual([429, '1']);
    const health = await ask('/health/ready');
    expect(health.status).toBe(200);
    const raw = await RawSocket.tcp(server.url);
    raw.write(full(get('/')));
    await raw.isClosed();
    expect(raw.plain.match(/HTTP\/1.1/g)?.length ?? 0).toBeLessThan(10);
  });
});

/** With everything as fast as it goes, since without budgets nobody is cut off. */
describe('beside what one client sends at once', () => {
  let server: RunningApp;
  let bystander: RawSocket;

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    bystander = (await RawSocket.connect(server.url)).raw;
  });
  afterEach(() => bystander.close());

  it.each([
    ['events', text('421["x"]'), (raw: RawSocket) => raw.heard.length],
    ['pings', frame(OPCODE.ping, NOTHING), (raw: RawSocket) => raw.pongs],
  ])('a message waits for few of its %s', async (_, sample, answered) => {
    const { raw } = await RawSocket.connect(server.url);
    const segment = full(sample);
    raw.write(segment);
    bystander.say('427["unwatchPresence"]');
    await bystander.hears('437');
    expect(answered(raw)).toBeLessThan(segment.length / sample.length / 2);
    await raw.close();
  });
});
