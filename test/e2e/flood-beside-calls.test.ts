import { setTimeout } from 'node:timers/promises';
import type { ClientEvent } from '../../src/protocol/events.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { type RunningApp, startApp } from '../support/app.js';
import { callIdOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

const PAIRS = 50;
const CANDIDATES = 30;
const FLOOD_BATCH = 100;
const FLOOD_PAUSE_MS = 5;
/** More than any budget, and less than what gets a connection closed. */
const FIRST_BURST = 400;

/** A message of each kind that is right in itself, for somebody who is busy with somebody else. */
const FLOODS: Record<ClientEvent | 'no such event', (victim: string) => unknown> = {
  register: () => 'Mallory',
  getOnlineUsers: () => undefined,
  call: (to) => ({ to }),
  ringing: () => ({ callId: 'none' }),
  accept: () => ({ callId: 'none' }),
  offer: (to) => ({ to, sdp: 'flood' }),
  answer: (to) => ({ to, sdp: 'flood' }),
  candidate: (to) => ({ to, candidate: null }),
  endCall: (to) => ({ to }),
  watchPresence: () => undefined,
  unwatchPresence: () => undefined,
  refreshToken: () => ({ token: 'flood' }),
  'no such event': () => 'flood',
};
const EVENTS = Object.keys(FLOODS) as (keyof typeof FLOODS)[];

interface Pair {
  caller: Peer;
  callee: Peer;
}

/** One hostile client: it goes on until told to stop, and comes back when it was thrown out. */
class Flooder {
  private sent = 0;
  private readonly stopped = new AbortController();

  constructor(
    private readonly url: string,
    private readonly events: readonly (keyof typeof FLOODS)[],
    private readonly withAcks: boolean,
    private readonly victims: readonly string[],
  ) {}

  async run(): Promise<void> {
    do {
      const peer = await Peer.connect(this.url, versionOf(1));
      this.send(peer, FIRST_BURST);
      while (!this.stopped.signal.aborted && peer.socket.connected) {
        await setTimeout(FLOOD_PAUSE_MS);
        this.send(peer, FLOOD_BATCH);
      }
      // What was sent has been handled by then, unless it was thrown out for it.
      await peer.settled().catch(() => undefined);
      await peer.close();
    } while (!this.stopped.signal.aborted);
  }

  stop(): void {
    this.stopped.abort();
  }

  private send(peer: Peer, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const event = this.events[this.sent % this.events.length] ?? 'no such event';
      const payload = FLOODS[event](this.victims[this.sent % this.victims.length] ?? '');
      this.sent += 1;
      peer.tell(event, payload, ...(this.withAcks ? [() => undefined] : []));
    }
  }
}

/** Fifty pairs come, and call each other beside the flood. Every message of theirs is answered. */
async function callBesideFlood(
  url: string,
  events: readonly (keyof typeof FLOODS)[],
  withAcks: boolean,
): Promise<void> {
  const pairs = await Promise.all(
    Array.from({ length: PAIRS }, async (_, index): Promise<Pair> => {
      // Clients of either version, calling either.
      const [caller, callee] = await Promise.all([
        Peer.connect(url, versionOf(index % 2)),
        Peer.connect(url, versionOf((index >> 1) % 2)),
      ]);
      return { caller, callee };
    }),
  );
  const peers = pairs.flatMap(({ caller, callee }) => [caller, callee]);
  const flooder = new Flooder(
    url,
    events,
    withAcks,
    peers.map(({ id }) => id),
  );
  const flood = flooder.run();
  try {
    await Promise.all(pairs.map(completeCall));
  } finally {
    flooder.stop();
    await flood;
  }
  expect(peers.flatMap((peer) => peer.all('exception'))).toEqual([]);
  expect(peers.filter(({ socket }) => !socket.connected)).toEqual([]);
  await Promise.all(peers.map((peer) => peer.close()));
}

/** The codes of all refusals there were. */
async function refusals({ app }: RunningApp): Promise<string[]> {
  const metric = app.get(Metrics).registry.getSingleMetric('switchboard_refusals_total');
  const { values = [] } = (await metric?.get()) ?? {};
  return values.map(({ labels }) => String(labels.code));
}

/** A whole call, as a page makes it; fails if a message is refused, lost or late. */
async function completeCall({ caller, callee }: Pair): Promise<void> {
  for (const peer of [caller, callee]) {
    expect(await peer.ask('register', 'honest')).toEqual({ ok: true, name: 'honest' });
    expect(await peer.ask('getOnlineUsers')).toEqual({ ok: true });
    await eventually(() =>
      expect(peer.all('onlineUsers').at(-1)).toHaveProperty(peer.id, 'honest'),
    );
  }
  const callId = callIdOf(await caller.ask('call', { to: callee.id }));
  expect(await callee.ask('accept', { callId })).toMatchObject({ ok: true, callId });
  expect(await callee.ask('offer', { to: caller.id, sdp: 'offer' })).toEqual({ ok: true, callId });
  expect(await caller.ask('answer', { to: callee.id, sdp: 'answer' })).toEqual({
    ok: true,
    callId,
  });
  const trickled = await Promise.all(
    Array.from({ length: CANDIDATES }, (_, index) => candidate(index)).flatMap((line) => [
      caller.ask('candidate', { to: callee.id, candidate: line }),
      callee.ask('candidate', { to: caller.id, candidate: line }),
    ]),
  );
  expect(trickled).toEqual(Array(2 * CANDIDATES).fill({ ok: true, callId }));
  expect(await caller.ask('endCall', { callId })).toEqual({ ok: true, callId, reason: 'hangup' });
  const candidates = Array.from({ length: CANDIDATES }, (_, i) => ['candidate', candidate(i)]);
  await eventually(() => {
    expect(about(callId, callee)).toEqual([
      ['call', undefined],
      ['answer', undefined],
      ...candidates,
      ['endCall', undefined],
    ]);
    expect(about(callId, caller)).toEqual([['offer', undefined], ...candidates]);
  });
}

/** What a peer heard of the call, in order: the event, and the candidate that it brought. */
function about(callId: string, { received }: Peer): unknown[][] {
  return received
    .map(({ event, args }) => ({ event, body: (args[0] ?? {}) as Record<string, unknown> }))
    .filter(({ event, body }) => body.callId === callId && event !== 'callAccepted')
    .map(({ event, body }) => [event, body.candidate]);
}

function candidate(index: number): { candidate: string; sdpMid: string } {
  return { candidate: `candidate:${index}`, sdpMid: '0' };
}

function versionOf(index: number): object {
  return { reconnection: false, auth: index === 0 ? {} : { protocol: 2 } };
}

describe('beside a flood from one peer, fifty pairs complete their calls: a flood of', () => {
  let server: RunningApp;
  beforeEach(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
  });
  afterEach(() => server.close());

  describe.each(EVENTS)('%s', (event) => {
    it.each([
      ['with acknowledgements', true],
      ['without', false],
    ])('%s', async (_, withAcks) => {
      await callBesideFlood(server.url, [event], withAcks);
      // Only the flooder is: the pairs were never refused anything.
      const codes = await refusals(server);
      // Sixteen devices may ask for the list at once: this may not be enough to be refused.
      if (event !== 'getOnlineUsers') expect(codes).toContain('rate_limited');
    });
  });
});

it('beside a flood of everything fifty pairs complete their calls without limits, too', async () => {
  const server = await startApp({ RATE_LIMITS: 'off' });
  try {
    await callBesideFlood(server.url, EVENTS, true);
    const codes = await refusals(server);
    expect(codes).toContain('unknown_event');
    expect(codes).not.toContain('rate_limited');
  } finally {
    await server.close();
  }
});
