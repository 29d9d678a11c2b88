import type { Actor, Seen } from './cast.js';
import type { Device, Payload } from './book.js';
import type { KnownCall } from './steps.js';

/** What a device has to do with a call, as far as its own messages say. */
type Standing = 'calling' | 'rung' | 'called' | 'over';

interface View {
  readonly actor: Actor;
  readonly calls: Map<string, Standing>;
  /** Calls that rang here: none may ring twice. */
  readonly rang: Set<string>;
  replies: number;
}

const PART_2 = ['ringing', 'callAccepted', 'welcome', 'draining'];

/**
 * Follows what every connection sent and saw when nobody knows in which order the server handled
 * it, and finds what must never happen whatever that order was.
 */
export class Witness {
  private readonly views = new Map<Device, View>();
  private readonly placed = new Map<string, { caller: Device; others: Device[] }>();

  constructor(private readonly cast: { by(device: Device): Actor }) {}

  sees(logs: Map<Device, Seen[]>): void {
    for (const [device, log] of logs) for (const seen of log) this.follow(this.view(device), seen);
  }

  /** Calls for the next steps to be about. */
  known(): KnownCall[] {
    const live = new Set(this.standings().map(({ callId }) => callId));
    return [...this.placed]
      .filter(([, { others }]) => others.length > 0)
      .map(([id, call]) => ({ id, ...call, live: live.has(id) }));
  }

  /** While nothing is under way: everybody has the same idea of which calls there are. */
  expectAgreement(callsInRegistry: number): void {
    const standings = this.standings();
    const live = new Map<string, typeof standings>();
    for (const side of standings) {
      live.set(side.callId, [...(live.get(side.callId) ?? []), side]);
    }
    expect(live.size).toBe(callsInRegistry);
    const pairs = new Set<string>();
    for (const [callId, sides] of live) {
      const count = (standing: Standing) =>
        sides.filter((side) => side.standing === standing).length;
      const ringing = count('rung') > 0;
      expect({ callId, calling: count('calling'), called: count('called'), ringing }).toEqual({
        callId,
        calling: 1,
        called: ringing ? 0 : 1,
        ringing,
      });
      pairs.add(JSON.stringify([...new Set(sides.map(({ actor }) => actor.user))].sort()));
    }
    expect(pairs.size).toBe(live.size);
    for (const { actor, replies } of this.views.values()) {
      if (actor.connected)
        expect([actor.device, replies]).toEqual([actor.device, actor.sent.length]);
    }
  }

  /** Nobody still waits for a word about a call. */
  expectAllOver(): void {
    expect(this.standings().map(({ callId, actor }) => [callId, actor.device])).toEqual([]);
  }

  private follow(view: View, seen: Seen): void {
    const { event, payload } =
      seen.kind === 'told'
        ? seen
        : { event: `reply to ${seen.command.event}`, payload: seen.payload };
    const fail = (why: string): never => {
      throw new Error(`${view.actor.device} ${why}: ${event} ${JSON.stringify(payload)}`);
    };
    if (seen.kind === 'told') this.toldOf(view, seen.event, payload, fail);
    else {
      view.replies += 1;
      if (payload.code === 'internal_error') fail('hit a bug');
      if (payload.ok === true) this.did(view, seen.command.event, payload, fail);
    }
    if (view.actor.tutorial && busyWith(view).length > 1) fail('has more than one call');
  }

  private toldOf(view: View, event: string, payload: Payload, fail: (why: string) => never): void {
    const { tutorial, device } = view.actor;
    const callId = payload.callId as string | undefined;
    if (tutorial && PART_2.includes(event)) fail('does not speak part 2');
    if (event === 'exception') fail('asked for acknowledgements');
    if (callId === undefined) {
      if (!['offer', 'answer', 'candidate'].includes(event)) fail('cannot tell which call');
      return;
    }
    const standing = view.calls.get(callId);
    if (event === 'call') {
      if (view.rang.has(callId)) fail('was rung twice');
      if (tutorial && busyWith(view).some((id) => id !== callId)) fail('is in another call');
      if (!this.wasDialled(String(payload.from), view.actor)) fail('was not called');
      view.rang.add(callId);
      if (standing === undefined) view.calls.set(callId, 'rung');
      this.place(callId, String(payload.from)).others.push(device);
      return;
    }
    if (standing === undefined) fail('is a stranger to this call');
    if (standing === 'over') fail('is done with this call');
    if (event !== 'endCall') return;
    if (tutorial && busyWith(view).some((id) => id !== callId)) fail('is in another call');
    view.calls.set(callId, 'over');
  }

  private did(view: View, event: string, payload: Payload, fail: (why: string) => never): void {
    const callId = payload.callId as string | undefined;
    if (callId === undefined) return;
    const standing = view.calls.get(callId);
    if (standing === 'over') fail('is done with this call');
    if (event === 'call' && payload.role === 'caller') {
      if (standing === 'rung' || standing === 'called') fail('is not the caller');
      this.place(callId, view.actor.device);
      this.takes(view, callId, 'calling');
    } else if (event === 'endCall') {
      view.calls.set(callId, 'over');
    } else if (event !== 'candidate' && standing !== 'calling') {
      if (standing === undefined && event !== 'call') fail('is a stranger to this call');
      this.takes(view, callId, 'called');
    }
  }

  /** A tutorial client has turned away whatever else it had. */
  private takes({ actor, calls }: View, callId: string, standing: Standing): void {
    const before = calls.get(callId);
    calls.set(callId, standing);
    if (!actor.tutorial || before === standing) return;
    for (const other of calls.keys()) if (other !== callId) calls.set(other, 'over');
  }

  private wasDialled(by: Device, { device, user }: Actor): boolean {
    return this.cast
      .by(by)
      .sent.some(
        ({ event, payload: { to, toUser } }) =>
          event === 'call' && (to === device || toUser === user),
      );
  }

  private place(callId: string, caller: Device): { caller: Device; others: Device[] } {
    const known = this.placed.get(callId) ?? { caller, others: [] };
    this.placed.set(callId, known);
    if (known.caller !== caller) throw new Error(`${callId} has two callers`);
    return known;
  }

  /** Every call that a connected device takes for live. */
  private standings(): { callId: string; standing: Standing; actor: Actor }[] {
    return [...this.views.values()]
      .filter(({ actor }) => actor.connected)
      .flatMap(({ actor, calls }) =>
        [...calls].map(([callId, standing]) => ({ callId, standing, actor })),
      )
      .filter(({ standing }) => standing !== 'over');
  }

  private view(device: Device): View {
    const known = this.views.get(device);
    if (known !== undefined) return known;
    const actor = this.cast.by(device);
    const view: View = { actor, calls: new Map(), rang: new Set(), replies: 0 };
    this.views.set(device, view);
    return view;
  }
}

function busyWith({ calls }: View): string[] {
  return [...calls]
    .filter(([, standing]) => standing === 'calling' || standing === 'called')
    .map(([callId]) => callId);
}
