import { Peer } from '../support/peer.js';
import { connect, accept, ring } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { FAILING_HANDLER } from '../support/failing-handler.js';
import { ensureBuilt, ServiceProcess } from '../support/process.js';
import { RawSocket } from '../support/raw/socket.js';

/** What must never be in a log, each marked so that it is found wherever it turns up. */
const SECRET = {
  name: 'Zebedee Quux',
  token: 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl',
  address: '203.0.113.77',
  sdp: 'v=0\r\no=- 4711 2 IN IP4 203.0.113.77\r\na=ice-pwd:hushhushhush\r\n',
  candidate: 'candidate:842163049 1 udp 1677729535 198.51.100.23 46154 typ srflx',
  event: 'made-up-event-of-a-client',
};
const FORBIDDEN = [
  ...[/zebedee/i, /quux/i, /eyJ/, /c2VjcmV0/, /hush/, /v=0/, /ice-pwd/, /candidate:/, /typ srflx/],
  ...[/made-up/, /x-forwarded-for/i, /cookie/i, /authorization/i, /secret/i],
];
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b|::1\b|::ffff:/i;
/** Where the service itself is, which it says once, when it starts. */
const OWN_ADDRESS = /"message":"(listening on|the demo is at) /;

interface Line {
  level: string;
  timestamp: unknown;
  pid: number;
  context: string;
  message: string | Record<string, unknown>;
}

describe('the log of a whole run', () => {
  let service: ServiceProcess;
  let written: string[];
  let lines: Line[];
  const ids: Record<string, string> = {};
  let clients = 0;

  beforeAll(async () => {
    await ensureBuilt();
    service = ServiceProcess.start(
      {
        PORT: '0',
        LOG_FORMAT: 'json',
        LOG_LEVEL: 'verbose',
        RATE_LIMITS: 'on',
        TRUST_PROXY: '1',
        DRAIN_SECONDS: '1',
      },
      ['node', '--import', FAILING_HANDLER, 'dist/main.js'],
    );
    const url = await service.listening();
    const enter = async (protocol: 1 | 2 = 2): Promise<Peer> => {
      clients += 1;
      return Peer.connect(url, {
        reconnection: false,
        auth: { protocol, token: SECRET.token },
        query: { token: SECRET.token },
        extraHeaders: {
          'x-forwarded-for': SECRET.address,
          authorization: `Bearer ${SECRET.token}`,
          cookie: `session=${SECRET.token}`,
        },
      });
    };

    // Calls, as pages make them.
    const [ana, ben, carl, dora] = [await enter(), await enter(1), await enter(), await enter()];
    for (const peer of [ana, ben, carl, dora]) await peer.ask('register', SECRET.name);
    await ana.ask('getOnlineUsers');
    ids.hungUp = await ring(ana, ben);
    await ben.ask('offer', { to: ana.id, sdp: SECRET.sdp });
    await ana.ask('answer', { to: ben.id, sdp: { type: 'answer', sdp: SECRET.sdp } });
    for (const [from, to] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      await from.ask('candidate', {
        to: to.id,
        candidate: { candidate: SECRET.candidate, sdpMid: '0' },
      });
    }
    await ana.ask('endCall', { to: ben.id });
    ids.declined = await ring(ana, ben);
    await ben.ask('endCall', { to: ana.id });
    ids.disconnected = await accept(ana, ben);
    ids.ben = ben.id;
    await ben.close();
    ids.drained = await connect(carl, dora);

    // What is refused.
    await ana.ask('register', [SECRET.name]);
    await ana.ask('register', { name: SECRET.name });
    await ana.ask('register', `${SECRET.name}\u0000`);
    await ana.ask('call', { to: SECRET.name });
    await ana.ask('call', SECRET.token);
    await ana.ask('offer', { to: carl.id, sdp: { type: SECRET.sdp, sdp: SECRET.sdp } });
    await ana.ask('offer', { to: carl.id, sdp: SECRET.sdp.repeat(1_000) });
    await ana.ask('candidate', { to: carl.id, candidate: SECRET.candidate });
    await ana.ask(SECRET.event, SECRET.sdp);
    ana.tell(SECRET.event, SECRET.sdp);
    const refused = await Promise.all(
      Array.from({ length: 2_000 }, () =>
        ana.ask('candidate', {
          to: carl.id,
          candidate: { candidate: SECRET.candidate, sdpMid: '0' },
        }),
      ),
    );
    expect(refused.some((reply) => !reply.ok && reply.error.code === 'rate_limited')).toBe(true);
    ids.flooding = ana.id;

    // Who is thrown out, and what cannot be read.
    const mallory = await enter();
    ids.expelled = mallory.id;
    for (let i = 0; i < 4_000; i += 1) mallory.tell(SECRET.event, SECRET.name);
    await eventually(() => expect(mallory.socket.connected).toBe(false));
    for (const packet of ['42[', `42{"${SECRET.name}`, `42["register","${SECRET.name}"`, '4x']) {
      const { raw } = await RawSocket.connect(url);
      clients += 1;
      raw.say(packet);
      await raw.isClosed();
    }
    const large = await RawSocket.connect(url);
    clients += 1;
    large.raw.say(`42["register","${SECRET.name.repeat(200_000)}"]`);
    await large.raw.isClosed();
    for (const path of ['/', `/${SECRET.token}`, `/demo/?${SECRET.token}`, '/metrics']) {
      await fetch(url + path, { headers: { 'x-forwarded-for': SECRET.address } });
    }
    const tcp = await RawSocket.tcp(url);
    tcp.write(`${SECRET.name}\r\n\r\n`);
    await tcp.isClosed();

    // What fails.
    ids.failing = carl.id;
    expect(await carl.ask('ringing', { callId: 'fail' })).toMatchObject({
      error: { code: 'internal_error' },
    });

    // And the end, for those who are still there.
    service.signal('SIGTERM');
    expect(await service.exitCode()).toBe(0);
    await Promise.all([ana, carl, dora, mallory].map((peer) => peer.close()));
    written = `${service.stdout}\n${service.stderr}`.split('\n').filter((line) => line !== '');
    lines = written.map(parsed);
  }, 60_000);
  afterAll(() => service.kill());

  const of = (event: string): Record<string, unknown>[] =>
    lines.flatMap(({ message }) =>
      typeof message === 'object' && message.event === event ? [message] : [],
    );

  it('is one JSON object a line', () => {
    expect(written.filter((line) => !line.startsWith('{"'))).toEqual([]);
    expect(lines.length).toBeGreaterThan(clients);
  });

  it('has nothing in it that was said, nor by whom, nor from where', () => {
    for (const line of written) {
      for (const pattern of FORBIDDEN) expect(line).not.toMatch(pattern);
      if (!OWN_ADDRESS.test(line)) expect(line).not.toMatch(ADDRESS);
    }
  });

  it('has one line for the end of each connection', () => {
    const ended = of('connection ended');
    expect(ended).toHaveLength(clients);
    expect(new Set(ended.map(({ connectionId }) => connectionId)).size).toBe(clients);
    for (const end of ended) {
      expect(end).toEqual({
        event: 'connection ended',
        connectionId: expect.any(String) as unknown,
        reason: expect.any(String) as unknown,
        lastedMs: expect.any(Number) as unknown,
        handled: expect.any(Number) as unknown,
        refused: expect.any(Number) as unknown,
      });
    }
    expect(ended.find(({ connectionId }) => connectionId === ids.ben)).toMatchObject({
      reason: 'client namespace disconnect',
      refused: 0,
    });
  });

  it('has one line for each call', () => {
    const ended = of('call ended').map(({ callId, reason }) => [callId, reason]);
    expect(ended).toEqual([
      [ids.hungUp, 'hangup'],
      [ids.declined, 'declined'],
      [ids.disconnected, 'disconnected'],
      [ids.drained, 'shutdown'],
    ]);
  });

  it('has one line for each flood, and one for who was thrown out', () => {
    expect(of('flood refused').map(({ connectionId }) => connectionId)).toEqual([
      ids.flooding,
      ids.expelled,
    ]);
    expect(of('connection expelled').map(({ connectionId }) => connectionId)).toEqual([
      ids.expelled,
    ]);
  });

  it('has one line for what failed, which says where', () => {
    const failed = lines.filter(({ level }) => level === 'error');
    expect(failed).toHaveLength(1);
    expect(JSON.stringify(failed)).toContain('SignalingGateway.ringing');
  });

  it('names the connection in every line that is about one', () => {
    const about = lines.filter(({ context }) => ['Connection', 'Refusals'].includes(context));
    expect(about.length).toBeGreaterThan(clients);
    // Those who were cut off are counted together, and may be nobody yet.
    const others = about.filter(({ message }) => !hasConnectionId(message));
    expect(others.map(({ message }) => message)).toEqual(of('connections cut off'));
    expect(about.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ message: objectWith({ connectionId: ids.failing }) }),
    ]);
    for (const call of of('call ended')) {
      expect(call).toMatchObject({
        caller: expect.any(String) as unknown,
        callee: expect.any(String) as unknown,
      });
    }
  });
});

function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch (cause) {
    throw new Error(`not JSON: ${line}`, { cause });
  }
}

function objectWith(part: object): unknown {
  return expect.objectContaining(part);
}

function hasConnectionId(message: Line['message']): boolean {
  return typeof message === 'object' && typeof message.connectionId === 'string';
}
