import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { METRICS_INTERVAL_MS } from '../../src/protocol/limits.js';
import { type RunningApp, startApp } from '../support/app.js';
import { accept, connect, ring } from '../support/calls.js';
import { Peer } from '../support/peer.js';
import { ensureBuilt, ServiceProcess } from '../support/process.js';
import { promtool } from '../support/promtool.js';
import { http } from '../support/raw/http.js';

const PROTOCOL_2 = { auth: { protocol: 2 }, reconnection: false };

/** The samples of our own metrics, but for how the time is spread. */
async function ours(url: string): Promise<Record<string, number>> {
  await setTimeout(METRICS_INTERVAL_MS + 100); // what was written down for whoever asked before
  const exposition = await (await fetch(`${url}/metrics`)).text();
  const samples = exposition
    .split('\n')
    .filter((line) => line.startsWith('switchboard_') && !/_(bucket|sum)/.test(line))
    .map((line) => line.slice('switchboard_'.length).split(/ (?=[^ ]+$)/));
  return Object.fromEntries(
    samples.map(([name, value]): [string, number] => [String(name), Number(value)]),
  );
}

const NOTHING = {
  connections: 0,
  registered_peers: 0,
  unknown_sessions_total: 0,
  'calls{state="ringing"}': 0,
  'calls{state="accepted"}': 0,
  'calls{state="connected"}': 0,
  handling_seconds_count: 0,
  time_to_accept_seconds_count: 0,
  time_to_connect_seconds_count: 0,
};

describe('/metrics', () => {
  let server: RunningApp;
  const peers: Peer[] = [];
  const enter = async (count: number): Promise<Peer[]> => {
    const entered = await Promise.all(
      Array.from({ length: count }, () => Peer.connect(server.url, PROTOCOL_2)),
    );
    peers.push(...entered);
    return entered;
  };

  beforeEach(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
  });
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
    await server.close();
  });

  it('says what happened, no more and no less', async () => {
    expect(await ours(server.url)).toEqual(NOTHING);
    const [ana, ben, carl, dora, eve, fred] = (await enter(6)) as Some<Peer>;
    for (const peer of [ana, ben]) await peer.ask('register', 'Secret');
    await ana.ask('getOnlineUsers');
    await ring(ana, ben);
    await accept(carl, dora);
    await connect(eve, fred);
    await fred.ask('candidate', { to: eve.id, candidate: null });
    const live = {
      ...NOTHING,
      connections: 6,
      registered_peers: 2,
      'calls{state="ringing"}': 1,
      'calls{state="accepted"}': 1,
      'calls{state="connected"}': 1,
      'messages_total{event="register",outcome="ok"}': 2,
      'messages_total{event="getOnlineUsers",outcome="ok"}': 1,
      'messages_total{event="call",outcome="ok"}': 3,
      'messages_total{event="offer",outcome="ok"}': 2,
      'messages_total{event="answer",outcome="ok"}': 1,
      'messages_total{event="candidate",outcome="ok"}': 1,
      handling_seconds_count: 10,
      time_to_accept_seconds_count: 2,
      time_to_connect_seconds_count: 1,
    };
    expect(await ours(server.url)).toEqual(live);

    await ben.ask('register', '');
    await ben.ask('call', { to: 'nobody' });
    await ben.ask('accept', { callId: 'none' });
    await ben.ask('offer', { to: ana.id, sdp: 'x'.repeat(65_537) });
    await ben.ask('no such event', 'Secret');
    await ben.ask('connections{x="1"} 666\n#', 'Secret');
    await ben.ask('__proto__');
    const refused = {
      'messages_total{event="register",outcome="refused"}': 1,
      'messages_total{event="call",outcome="refused"}': 1,
      'messages_total{event="accept",outcome="refused"}': 1,
      'messages_total{event="offer",outcome="refused"}': 1,
      'messages_total{event="unknown",outcome="refused"}': 3,
      'refusals_total{code="invalid_payload"}': 1,
      'refusals_total{code="unavailable"}': 1,
      'refusals_total{code="call_not_found"}': 1,
      'refusals_total{code="payload_too_large"}': 1,
      'refusals_total{code="unknown_event"}': 3,
    };
    expect(await ours(server.url)).toEqual({ ...live, ...refused, handling_seconds_count: 17 });

    await ben.ask('endCall', { to: ana.id });
    await dora.ask('endCall', { to: carl.id, reason: 'failed' });
    await eve.close();
    await fred.next('endCall');
    await ana.close();
    await fred.settled();
    expect(await ours(server.url)).toEqual({
      ...live,
      ...refused,
      connections: 4,
      registered_peers: 1,
      'calls{state="ringing"}': 0,
      'calls{state="accepted"}': 0,
      'calls{state="connected"}': 0,
      'messages_total{event="endCall",outcome="ok"}': 2,
      'messages_total{event="endCall",outcome="refused"}': 1,
      'refusals_total{code="call_not_found"}': 2,
      'calls_ended_total{reason="declined"}': 1,
      'calls_ended_total{reason="failed"}': 1,
      'calls_ended_total{reason="disconnected"}': 1,
      time_to_accept_seconds_count: 2,
      time_to_connect_seconds_count: 1,
      handling_seconds_count: 20,
    });
  });

  it('counts every message of a flood, and how many of them were too many', async () => {
    const [ana] = (await enter(1)) as Some<Peer>;
    const replies = await Promise.all(
      Array.from({ length: 500 }, () => ana.ask('candidate', { to: 'nobody', candidate: null })),
    );
    const limited = replies.filter(
      (reply) => !reply.ok && reply.error.code === 'rate_limited',
    ).length;
    expect(limited).toBeGreaterThan(300);
    expect(await ours(server.url)).toEqual({
      ...NOTHING,
      connections: 1,
      'messages_total{event="candidate",outcome="refused"}': 500,
      'refusals_total{code="unavailable"}': 500 - limited,
      'refusals_total{code="rate_limited"}': limited,
      handling_seconds_count: 500,
    });
  });

  it('spreads times over buckets that end with all of them, in seconds', async () => {
    const [ana, ben] = (await enter(2)) as Some<Peer>;
    await connect(ana, ben);
    await ana.ask('endCall', { to: ben.id });
    const exposition = await (await fetch(`${server.url}/metrics`)).text();
    for (const [name, count] of [
      ['handling', 4],
      ['time_to_accept', 1],
      ['time_to_connect', 1],
    ] as const) {
      expect(exposition).toContain(`switchboard_${name}_seconds_bucket{le="+Inf"} ${count}\n`);
      const [, sum] =
        new RegExp(`^switchboard_${name}_seconds_sum (.+)$`, 'm').exec(exposition) ?? [];
      expect(Number(sum)).toBeLessThan(10);
    }
  });

  it('of one server says nothing of another in the same process', async () => {
    const other = await startApp();
    try {
      await enter(2);
      await peers[0]?.ask('register', 'Ana');
      await peers[0]?.ask('no such event');
      expect(await ours(other.url)).toEqual(NOTHING);
      expect(await ours(server.url)).toMatchObject({ connections: 2, registered_peers: 1 });
    } finally {
      await other.close();
    }
  });

  it('holds to the format, and to what Prometheus advises, as promtool sees it', async () => {
    const [ana, ben] = (await enter(2)) as Some<Peer>;
    await connect(ana, ben);
    await ana.ask('no such event\n"quoted"\\');
    await ana.ask('endCall', { to: ben.id });
    const answer = await fetch(`${server.url}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const problems = check(await promtool(), await answer.text());
    // What others named, and have named so for years.
    const advised = problems.split('\n').filter((line) => line.startsWith('switchboard_'));
    expect(advised).toEqual([]);
    expect(problems).not.toContain('error while linting');
  }, 180_000); // the first time ever it may have to wait for apt
});

/** @returns what promtool has to say; it exits with 3 for advice and with 1 for bad format. */
function check(promtool: string, exposition: string): string {
  try {
    return execFileSync(promtool, ['check', 'metrics'], { input: exposition, encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

type Some<T> = [T, T, T, T, T, T];

describe('with MANAGEMENT_PORT', () => {
  let service: ServiceProcess;
  let open: string;
  let management: string;

  beforeAll(async () => {
    await ensureBuilt();
    service = ServiceProcess.start({ PORT: '0', MANAGEMENT_PORT: '0', LOG_FORMAT: 'json' });
    open = await service.listening();
    const port = /management on port (\d+)/.exec(service.stdout)?.[1];
    management = `http://127.0.0.1:${port ?? 'none'}`;
  }, 60_000);
  afterAll(() => service.kill());

  const status = async (url: string): Promise<number> => (await fetch(url)).status;

  it.each(['/health/live', '/health/ready', '/metrics'])('%s moves there', async (path) => {
    expect(management).not.toBe(open);
    expect(await status(management + path)).toBe(200);
    expect(await status(open + path)).toBe(404);
  });

  it.each(['/health/live', '/health/ready', '/metrics'])(
    '%s is not to be had from the public port however it is spelt',
    async (path) => {
      const answers = await Promise.all(
        [
          ...[`${path}/`, `${path}?x`, `${path}/x`, `/${path}`, `/.${path}`, `/demo/..${path}`],
          ...[path.toUpperCase(), path.replace('e', 'E'), path.replace('e', '%65'), `${path};x`],
        ].map(async (spelt) => [spelt, (await http(open + spelt)).status]),
      );
      expect(answers.filter(([, code]) => code !== 404)).toEqual([]);
    },
  );

  it.each(['/', '/demo/', '/socket.io/?EIO=4&transport=polling', '/socket.io/socket.io.js'])(
    '%s stays where it is, and only there',
    async (path) => {
      expect(await status(open + path)).toBe(200);
      expect(await status(management + path)).toBe(404);
    },
  );

  it('no client can connect there', async () => {
    await expect(Peer.connect(management, { reconnection: false })).rejects.toThrow();
    await expect(
      Peer.connect(management, { reconnection: false, transports: ['polling'] }),
    ).rejects.toThrow();
    const peer = await Peer.connect(open, { reconnection: false });
    expect(await peer.ask('register', 'Ana')).toMatchObject({ ok: true });
    expect(await ours(management)).toMatchObject({ connections: 1, registered_peers: 1 });
    await peer.close();
  });
});
