import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';

const require = createRequire(import.meta.url);

/** Session descriptions that browsers made, and some that only try the patience of a relay. */
const RECORDED = [
  ...inPlaybook('sdp-interop/test/2-way-jitsi/playbook.json'),
  ...inPlaybook('sdp-interop/test/3-way-jitsi/playbook.json'),
  ...inSource('sdp-interop/test/sdp_interop.js'),
  require('sdp-jingle-json/test/data/sdp.js') as string,
  require('sdp-jingle-json/test/data/no-source-sdp.js') as string,
];
const [sample = ''] = RECORDED;
const SDPS = [
  ...new Set([
    ...RECORDED,
    sample.replaceAll('\r\n', '\n'),
    sample.trimEnd(),
    `${sample}\r\n\r\n  \t`,
    sample.replace('s=-', 's=Ünïcödé 🎥 \u2028 "quoted" \\ <b> \0'),
  ]),
];

const PAIRS = TRANSPORTS.flatMap((from) =>
  TRANSPORTS.map((to): [Transport, Transport] => [from, to]),
);

const BURSTS = 20;
/** What Chromium sends in the tick in which a large offer is made. */
const offer = { type: 'offer', sdp: `v=0\r\n${'a=x\r\n'.repeat(24 * 205)}`.slice(0, 24 * 1024) };
const candidates = Array.from({ length: 60 }, (_, i) => ({
  candidate: `candidate:${i} 1 udp ${2_113_937_151 - i} 192.0.2.${i} ${50_000 + i} typ host generation 0`,
  sdpMid: String(i % 3),
  sdpMLineIndex: i % 3,
  usernameFragment: `frag${i}`,
}));

describe('the recorded session descriptions', () => {
  it('are many, and of several kinds', () => {
    expect(RECORDED.length).toBeGreaterThan(100);
    expect(SDPS.length).toBeGreaterThan(40);
    for (const text of RECORDED) expect(text).toMatch(/^v=0\r\n[^]*m=/);
  });
});

describe.each(PAIRS)('from a peer on %s to one on %s', (from, to) => {
  let server: RunningApp;
  let ana: Peer;
  let ben: Peer;

  beforeAll(async () => {
    server = await startApp({ RATE_LIMITS: 'off' });
    ana = await Peer.connect(server.url, { transports: [from] });
    ben = await Peer.connect(server.url, { transports: [to] });
  });
  afterAll(async () => {
    await Promise.all([ana.close(), ben.close()]);
    await server.close();
  });
  beforeEach(() => {
    ana.received.length = 0;
    ben.received.length = 0;
  });

  it.each(['offer', 'answer'] as const)('every %s arrives byte for byte', async (event) => {
    const descriptions = SDPS.flatMap((text) => [text, { type: event, sdp: text }]);
    while (descriptions.length > 0) {
      const batch = descriptions.splice(0, 16);
      for (const sdp of batch) ana.tell(event, { to: ben.id, sdp });
      await eventually(() => expect(ben.received.length).toBeGreaterThanOrEqual(batch.length));
      expect(ben.all(event).map(({ sdp }) => sdp)).toEqual(batch);
      expect(new Set(ben.all(event).map(({ socketId }) => socketId))).toEqual(new Set([ana.id]));
      ben.received.length = 0;
    }
    expect(ana.all('exception')).toEqual([]);
  });

  it('candidates never overtake their offer, nor each other', async () => {
    for (let burst = 0; burst < BURSTS; burst += 1) {
      ana.tell('offer', { to: ben.id, sdp: offer });
      for (const candidate of candidates) ana.tell('candidate', { to: ben.id, candidate });
      await arrivedInOrder();
    }
  });

  it('whether or not the sender asks for acknowledgements', async () => {
    for (let burst = 0; burst < BURSTS; burst += 1) {
      const acks = [ana.ask('offer', { to: ben.id, sdp: offer })];
      for (const [i, candidate] of candidates.entries()) {
        const message = { to: ben.id, candidate };
        if ((i + burst) % 2 === 0) acks.push(ana.ask('candidate', message));
        else ana.tell('candidate', message);
      }
      await arrivedInOrder();
      for (const ack of await Promise.all(acks)) expect(ack).toMatchObject({ ok: true });
    }
  });

  it('whatever else of the sender is refused in between', async () => {
    for (let burst = 0; burst < BURSTS; burst += 1) {
      const refusals: ReturnType<Peer['ask']>[] = [];
      const spoil = [
        () => refusals.push(ana.ask('candidate', { to: ben.id, candidate: 'not an object' })),
        () => refusals.push(ana.ask('offer', { to: ben.id, sdp: { type: 'answer', sdp: 'v=0' } })),
        () => refusals.push(ana.ask('no such event', { to: ben.id })),
        () => refusals.push(ana.ask('answer', { to: 'nobody', sdp: 'v=0' })),
        () => ana.tell('candidate', { to: ben.id }),
        () => ana.tell('register', 42),
      ];
      spoil[burst % spoil.length]?.();
      ana.tell('offer', { to: ben.id, sdp: offer });
      for (const [i, candidate] of candidates.entries()) {
        spoil[(i + burst) % spoil.length]?.();
        ana.tell('candidate', { to: ben.id, candidate });
      }
      await arrivedInOrder();
      for (const answer of await Promise.all(refusals)) expect(answer).toMatchObject({ ok: false });
    }
  });

  /** One offer and then its candidates reached Ben, in that order, once, and nothing else did. */
  async function arrivedInOrder(): Promise<void> {
    await eventually(() => expect(ben.received.length).toBeGreaterThan(candidates.length));
    await ben.settled();
    const heard = ben.received.splice(0).filter(({ event }) => event !== 'exception');
    expect(heard.map(({ event }) => event)).toEqual([
      'offer',
      ...candidates.map(() => 'candidate'),
    ]);
    const [first, ...rest] = heard.map(
      ({ args }) => args[0] as { sdp?: unknown; candidate?: unknown },
    );
    expect(first?.sdp).toEqual(offer);
    expect(rest.map(({ candidate }) => candidate)).toEqual(candidates);
  }
});

/** Every session description in a recorded conference. */
function inPlaybook(file: string): string[] {
  const found: string[] = [];
  JSON.parse(readFileSync(require.resolve(file), 'utf8'), (key, value: unknown) => {
    if (key === 'sdp' && typeof value === 'string') found.push(value);
    return value;
  });
  return found;
}

/** Every text literal in a script that is a session description. */
function inSource(file: string): string[] {
  const source = readFileSync(require.resolve(file), 'utf8').replaceAll('\\\n', '');
  return [...source.matchAll(/"v=0[^"]*"/g)].map(([literal]) => JSON.parse(literal) as string);
}
