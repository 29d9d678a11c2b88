import fc from 'fast-check';
import { CallRegistry } from '../../src/calls/call-registry.js';
import { type RunningApp, startApp } from '../support/app.js';
import { ManualClock } from '../support/manual-clock.js';
import { Peer, type Transport, TRANSPORTS } from '../support/peer.js';

const SEED = Number(process.env.FC_SEED ?? 20_251_122);
const RUNS = Number(process.env.FC_RUNS ?? 100);

type Version = 1 | 2;
interface Client {
  transport: Transport;
  protocol: Version;
}

const CLIENTS: Client[] = TRANSPORTS.flatMap((transport) =>
  ([1, 2] as const).map((protocol) => ({ transport, protocol })),
);

/** Ana and Ben call each other; whoever else calls, calls one of these two. */
const CALLS = ['ana', 'ben', 'zoe'] as const;
type Caller = (typeof CALLS)[number];

interface Outcome {
  ok: boolean;
  callId?: string;
  role?: string;
  code?: string;
}

describe('two calls that cross', () => {
  const clock = new ManualClock();
  const clients = new Map<string, Peer>();
  let server: RunningApp;
  const connect = ({ transport, protocol }: Client) =>
    Peer.connect(server.url, {
      transports: [transport],
      auth: protocol === 2 ? { protocol } : {},
      reconnection: false,
    });

  beforeAll(async () => {
    server = await startApp({}, clock);
    for (const name of CALLS) {
      for (const client of CLIENTS) clients.set(key(name, client), await connect(client));
    }
  });
  afterAll(async () => {
    await Promise.all([...clients.values()].map((client) => client.close()));
    expect(server.app.get(CallRegistry).size).toBe(0);
    expect(clock.pending).toBe(0);
    await server.close();
  });

  const client = fc.constantFrom(...CLIENTS);
  const scenario = fc.record({
    ana: client,
    ben: client,
    zoe: client,
    /** Whom the third party calls, if there is one. */
    zoeCalls: fc.constantFrom<'ana' | 'ben' | 'nobody'>('ana', 'ben', 'nobody'),
    order: fc.shuffledSubarray([...CALLS], { minLength: 3 }),
    /** How much later than the one before each call is sent. */
    gaps: fc.array(fc.constantFrom<Gap>('none', 'tick', 'handled'), { minLength: 3, maxLength: 3 }),
    /** Whether somebody waits for acknowledgements, or calls as the tutorial does. */
    acknowledged: fc.boolean(),
  });

  it(
    'make one call, of which one side is the callee',
    () => fc.assert(fc.asyncProperty(scenario, cross), { seed: SEED, numRuns: RUNS }),
    20_000 + RUNS * 500,
  );

  async function cross(
    run: typeof scenario extends fc.Arbitrary<infer T> ? T : never,
  ): Promise<void> {
    const peers = {
      ana: peer('ana', run.ana),
      ben: peer('ben', run.ben),
      zoe: peer('zoe', run.zoe),
    };
    const everybody = Object.values(peers);
    for (const { received } of everybody) received.length = 0;
    const target = (name: Caller) =>
      name === 'ana' ? peers.ben : name === 'ben' || run.zoeCalls === 'ana' ? peers.ana : peers.ben;

    const outcomes = new Map<Caller, Promise<Outcome>>();
    for (const [place, name] of run.order.entries()) {
      if (name === 'zoe' && run.zoeCalls === 'nobody') continue;
      const address = { to: target(name).id };
      if (run.acknowledged) outcomes.set(name, ask(peers[name], address));
      else peers[name].tell('call', address);
      await pass(run.gaps[place] ?? 'none', peers[name]);
    }
    const settled = new Map<Caller, Outcome>();
    for (const [name, outcome] of outcomes) settled.set(name, await outcome);
    // Twice: first everything sent is handled, then what came of it has arrived.
    for (let round = 0; round < 2; round += 1) await Promise.all(everybody.map(roundTrip));

    const { ana, ben, zoe } = peers;
    const rangAna = ana.all('call').filter(({ from }) => from === ben.id);
    const rangBen = ben.all('call').filter(({ from }) => from === ana.id);
    const [ring, ...more] = [...rangAna, ...rangBen];
    expect(more).toEqual([]);
    const callId = ring?.callId;
    expect(callId).toEqual(expect.any(String));
    const caller: Caller = rangAna.length > 0 ? 'ben' : 'ana';
    const callee: Caller = caller === 'ana' ? 'ben' : 'ana';
    if (run.acknowledged) {
      expect(settled.get(caller)).toMatchObject({ ok: true, callId, role: 'caller' });
      expect(settled.get(callee)).toMatchObject({ ok: true, callId, role: 'callee' });
    }
    const accepted = peers[caller].all('callAccepted');
    expect(accepted).toEqual(
      run[caller].protocol === 2 ? [{ callId, socketId: peers[callee].id }] : [],
    );
    // The third party was told it is busy, or rings; whatever becomes of that, this call runs on.
    for (const { received } of [ana, ben]) {
      expect(received.filter(({ event }) => event === 'exception')).toEqual([]);
      expect(received.filter(({ args }) => isEndOf(callId, args[0]))).toEqual([]);
    }
    if (run.zoeCalls !== 'nobody' && run.acknowledged) expectFairAnswer(settled.get('zoe'), zoe);
    if (run.zoeCalls !== 'nobody' && !run.acknowledged) {
      expect(zoe.all('exception').every(({ code }) => code === 'busy')).toBe(true);
    }

    // The callee of a glare makes the offer: both may use the call.
    const sdp = `offer ${String(callId)}`;
    expect(await peers[callee].ask('offer', { callId, sdp })).toEqual({ ok: true, callId });
    expect(await peers[caller].next('offer')).toEqual({ callId, socketId: peers[callee].id, sdp });
    expect(await peers[caller].ask('endCall', { callId })).toMatchObject({ reason: 'hangup' });
    clock.advance(60_000);
    for (let round = 0; round < 2; round += 1) await Promise.all(everybody.map(roundTrip));
    expect(peers[callee].all('endCall').filter((end) => end.callId === callId)).toHaveLength(1);
    expect(server.app.get(CallRegistry).size).toBe(0);
    expect(clock.pending).toBe(0);
  }

  function peer(name: Caller, client: Client): Peer {
    const found = clients.get(key(name, client));
    if (found === undefined) throw new Error('not connected');
    return found;
  }

  /** Zoe rang until the one she called had another call, or still rings, or is told `busy`. */
  function expectFairAnswer(outcome: Outcome | undefined, zoe: Peer): void {
    if (outcome?.ok === false) return expect(outcome.code).toBe('busy');
    expect(outcome).toMatchObject({ ok: true, role: 'caller' });
    for (const end of zoe.all('endCall')) {
      expect(end).toMatchObject({ callId: outcome?.callId, reason: 'busy' });
    }
  }
});

type Gap = 'none' | 'tick' | 'handled';

async function pass(gap: Gap, sender: Peer): Promise<void> {
  if (gap === 'tick') await new Promise((resolve) => setImmediate(resolve));
  if (gap === 'handled') await roundTrip(sender);
}

async function roundTrip(peer: Peer): Promise<void> {
  await peer.settled();
}

async function ask(peer: Peer, address: object): Promise<Outcome> {
  const reply = await peer.ask('call', address);
  return reply.ok ? { ...reply } : { ok: false, code: reply.error.code };
}

function isEndOf(callId: string | undefined, payload: unknown): boolean {
  const { reason, callId: ended } = payload as { reason?: string; callId?: string };
  return reason !== undefined && ended === callId;
}

function key(name: string, { transport, protocol }: Client): string {
  return `${name} ${transport} ${protocol}`;
}
