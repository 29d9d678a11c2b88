import { type Call, newRinging } from '../../src/calls/call.js';
import { CallRegistry } from '../../src/calls/call-registry.js';
import { SIGNALING_ERRORS, type ErrorCode } from '../../src/protocol/signaling-error.js';
import { type RunningApp, startApp } from './app.js';
import { eventually } from './eventually.js';
import { ManualClock } from './manual-clock.js';
import { Peer, type Transport } from './peer.js';
import { type Claims, tokenWith } from './tokens.js';

/** How long a call rings, may take to connect, and may last, unless the environment says otherwise. */
export const RING_MS = 45_000;
export const CONNECT_MS = 30_000;
export const AGE_MS = 24 * 60 * 60 * 1_000;

/** Any text: call ids are random. */
export const SOME_TEXT: unknown = expect.any(String);

export const VERSIONS = ['tutorial', 'protocol 2'] as const;
export type Version = (typeof VERSIONS)[number];
/** Who calls whom. */
export const PAIRS = VERSIONS.flatMap((caller) => VERSIONS.map((callee) => ({ caller, callee })));

type Reply = Awaited<ReturnType<Peer['ask']>>;
type PeersFor<V extends Version[]> = { [K in keyof V]: Peer };

/** A server whose call timers stand still until told otherwise, and the peers of one test on it. */
export class Stage {
  private running: RunningApp | undefined;
  private peers: Peer[] = [];

  constructor(
    private readonly environment: Record<string, string>,
    readonly clock: ManualClock,
    private readonly transport: Transport = 'websocket',
  ) {}

  get server(): RunningApp {
    if (this.running === undefined) throw new Error('not open');
    return this.running;
  }

  async open(): Promise<void> {
    this.running = await startApp(this.environment, this.clock);
  }

  /** Connects one peer per version; those of protocol 2 have had their welcome. */
  async enter<V extends Version[]>(...versions: V): Promise<PeersFor<V>> {
    const entering = versions.map((version) => this.connect(version, {}));
    return (await Promise.all(entering)) as PeersFor<V>;
  }

  /** Connects devices of the user that a token with these claims is of. */
  async enterAs<V extends Version[]>(claims: Claims, ...versions: V): Promise<PeersFor<V>> {
    const token = await tokenWith(claims);
    const entering = versions.map((version) => this.connect(version, { token }));
    return (await Promise.all(entering)) as PeersFor<V>;
  }

  /** Whatever any peer sent has been handled, and what that led to has arrived. */
  async settle(): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(
        this.peers.filter(({ socket }) => socket.connected).map((peer) => peer.settled()),
      );
    }
  }

  /** Everything that these were sent, and have not taken note of yet. */
  async expectHeard(...expected: [peer: Peer, ...messages: unknown[][]][]): Promise<void> {
    await this.settle();
    expect(expected.map(([peer]) => heard(peer))).toEqual(expected.map(([, ...all]) => all));
    forget(...expected.map(([peer]) => peer));
  }

  /** Everybody leaves, and the server is as it was: no call outlives its parties, nor its timer. */
  async clear(): Promise<void> {
    const peers = this.peers.splice(0);
    const ids = peers.flatMap(({ socket }) => socket.id ?? []);
    await Promise.all(peers.map((peer) => peer.close()));
    const registry = this.server.app.get(CallRegistry);
    await eventually(() => {
      expect({
        calls: registry.size,
        inCalls: ids.filter((id) => registry.of(id).size > 0),
        timers: this.clock.pending,
      }).toEqual({ calls: 0, inCalls: [], timers: 0 });
    });
  }

  /** Every peer has been closed, and has read what the server sent before. */
  async deserted(): Promise<void> {
    await eventually(() => {
      expect(this.peers.filter(({ socket }) => socket.connected)).toHaveLength(0);
    });
  }

  async close(): Promise<void> {
    await this.server.close();
  }

  private async connect(version: Version, credentials: object): Promise<Peer> {
    const auth = version === 'tutorial' ? credentials : { protocol: 2, ...credentials };
    const transports = [this.transport];
    const peer = await Peer.connect(this.server.url, { auth, transports, reconnection: false });
    this.peers.push(peer);
    if (version === 'protocol 2') await peer.next('welcome');
    return peer;
  }
}

/** One server for the tests around; each test starts without peers and without calls. */
export function callStage(
  environment: Record<string, string> = {},
  clock: ManualClock = new ManualClock(),
): Stage {
  const stage = new Stage(environment, clock);
  beforeAll(() => stage.open());
  afterEach(() => stage.clear());
  afterAll(() => stage.close());
  return stage;
}

/** Hints that somebody came or went: they are shared, so they arrive when they like. */
const HINTS = ['userConnected', 'userDisconnected'];

/** What the peer was sent and has not taken note of yet, in order. */
export function heard({ received }: Peer): unknown[][] {
  return received
    .filter(({ event }) => !HINTS.includes(event))
    .map(({ event, args }) => [event, ...args]);
}

export function forget(...peers: Peer[]): void {
  for (const { received } of peers) received.length = 0;
}

/** The whole acknowledgement of a refused message. */
export function refusal(code: ErrorCode): Reply {
  return { ok: false, error: { code, message: SIGNALING_ERRORS[code].message } };
}

export function callIdOf(reply: Reply): string {
  if (!reply.ok || typeof reply.callId !== 'string') throw new Error(JSON.stringify(reply));
  return reply.callId;
}

/** A call that rings at the other peer, who has heard of it. */
export async function ring(caller: Peer, callee: Peer): Promise<string> {
  const callId = callIdOf(await caller.ask('call', { to: callee.id }));
  await eventually(() => expect(callee.all('call')).toContainEqual(objectWith({ callId })));
  forget(caller, callee);
  return callId;
}

/** A call whose callee has made its offer, as any version does to accept. */
export async function accept(caller: Peer, callee: Peer): Promise<string> {
  const callId = await ring(caller, callee);
  expect(await callee.ask('offer', { to: caller.id, sdp: 'v=0' })).toEqual({ ok: true, callId });
  await caller.next('offer');
  return callId;
}

/** A call whose media is on its way. */
export async function connect(caller: Peer, callee: Peer): Promise<string> {
  const callId = await accept(caller, callee);
  expect(await caller.ask('answer', { to: callee.id, sdp: 'v=0' })).toEqual({ ok: true, callId });
  await callee.next('answer');
  return callId;
}

export const REACH = { ringing: ring, accepted: accept, connected: connect } as const;
export type Phase = keyof typeof REACH;
export const PHASES = Object.keys(REACH) as Phase[];

/** The call is live: what one party sends reaches the other. Both have taken note of it. */
export async function expectLive(one: Peer, other: Peer, callId: string): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    expect(await from.ask('candidate', { callId, candidate: null })).toEqual({ ok: true, callId });
    await eventually(() => expect(to.all('candidate')).toHaveLength(1));
    expect(to.all('candidate')).toEqual([{ callId, socketId: from.id, candidate: null }]);
    to.received.splice(
      to.received.findIndex(({ event }) => event === 'candidate'),
      1,
    );
  }
}

/** A call as the server keeps it, rung at one device unless told otherwise. */
export function newCall(part: Partial<Call> & { id: string }): Call {
  return {
    tenant: '',
    callerUserId: 'ana',
    callerSource: 'ana',
    calleeUserId: 'ben',
    startedAt: new Date(0),
    startedMs: 0,
    acceptedAfterMs: null,
    connectedAfterMs: null,
    state: newRinging('ana-1', ['ben-1']),
    ...part,
  };
}

function objectWith(part: object): unknown {
  return expect.objectContaining(part);
}
