import type { INestApplicationContext } from '@nestjs/common';
import { CallRegistry } from '../../../src/calls/call-registry.js';
import { PresenceService } from '../../../src/presence/presence.service.js';
import type { RunningApp } from '../app.js';
import type { Device, Payload } from './book.js';
import type { Command, Scene, Seat } from './steps.js';
import { eventually } from '../eventually.js';
import type { ManualClock } from '../manual-clock.js';
import { Peer } from '../peer.js';
import { tokenWith } from '../tokens.js';

/** A connection as the runs speak of it. */
export interface Actor {
  readonly device: Device;
  readonly user: string;
  readonly tutorial: boolean;
  readonly source: string;
  readonly name?: string;
  readonly seat: number;
  readonly peer: Peer;
  connected: boolean;
  /** What it sent, in order; a reply in its log names its command by the place in this list. */
  readonly sent: Command[];
}

/** What a connection saw, in the order in which it came: acknowledgements among the rest. */
export type Seen =
  | { kind: 'told'; event: string; payload: Payload }
  | { kind: 'reply'; command: Command; payload: Payload };

const REPLY = 'reply to a command';
const PRESENCE = ['userConnected', 'userDisconnected', 'onlineUsers'];

/** The clients of one run against the real server, who go by names instead of random ids. */
export class Cast {
  readonly actors: Actor[] = [];
  private readonly names = new Map<string, string>();
  private readonly ids = new Map<string, string>();
  private callsNamed = 0;

  private constructor(
    private readonly server: RunningApp,
    private readonly seats: readonly Seat[],
    private readonly severalDevices: boolean,
  ) {}

  static async assemble(server: RunningApp, seats: Seat[], severalDevices: boolean): Promise<Cast> {
    const cast = new Cast(server, seats, severalDevices);
    await Promise.all(seats.map((_, seat) => cast.connect(seat)));
    return cast;
  }

  /** The connection that has the seat, or had it last. */
  at(seat: number): Actor {
    const index = seat % this.seats.length;
    const actor = this.actors.findLast((each) => each.seat === index);
    if (actor === undefined) throw new Error(`nobody was ever in seat ${index}`);
    return actor;
  }

  by(device: Device): Actor {
    const actor = this.actors.find((each) => each.device === device);
    if (actor === undefined) throw new Error(`nobody is called ${device}`);
    return actor;
  }

  sceneSeats(): Scene['seats'] {
    return this.seats.map((_, seat) => this.at(seat));
  }

  async connect(seatNumber: number): Promise<Actor> {
    const seat = seatNumber % this.seats.length;
    const { protocol, user, address = 0 } = this.seats[seat] ?? { protocol: 1, user: 0 };
    const auth = {
      ...(protocol === 2 && { protocol }),
      ...(this.severalDevices && { token: await tokenWith({ sub: `user ${user}` }) }),
    };
    const extraHeaders = { 'X-Forwarded-For': `192.0.2.${address}` };
    const peer = await Peer.connect(this.server.url, { auth, extraHeaders, reconnection: false });
    const before = this.actors.filter((actor) => actor.seat === seat).length;
    const device = `${protocol === 1 ? 'tutorial' : 'modern'} ${seat}${"'".repeat(before)}`;
    const name = seat === 0 ? 'Ana' : undefined;
    if (name !== undefined) await peer.ask('register', name);
    this.learn(device, peer.id);
    const actor: Actor = {
      device,
      user: this.severalDevices ? `user ${user}` : device,
      tutorial: protocol === 1,
      source: this.severalDevices ? `user ${user}` : `address ${address}`,
      ...(name !== undefined && { name }),
      seat,
      peer,
      connected: true,
      sent: [],
    };
    this.actors.push(actor);
    return actor;
  }

  /** Resolves with the acknowledgement; the log of the sender has it too, in its place. */
  send(command: Command): Promise<void> {
    const { peer, sent } = this.by(command.from);
    const number = sent.push(command) - 1;
    return new Promise((resolve) => {
      peer.tell(command.event, this.translate(command.payload, this.ids), (reply: unknown) => {
        peer.received.push({ event: REPLY, args: [reply, number] });
        resolve();
      });
    });
  }

  /** Everything the server sent to anybody before has arrived. */
  async settled(): Promise<void> {
    await Promise.all(this.present().map(({ peer }) => peer.settled()));
  }

  /** Leaves at once, in the same tick; `gone` waits until the server has noticed. */
  leave(actor: Actor): void {
    actor.connected = false;
    actor.peer.socket.disconnect();
  }

  async gone(): Promise<void> {
    const presence = this.server.app.get(PresenceService);
    for (const [id] of this.names) {
      const connected = this.present().some(({ device }) => device === this.names.get(id));
      while (!connected && presence.find(id) !== undefined) await tick();
    }
  }

  /** Takes what everybody has seen since the last time, in names. */
  collect(): Map<Device, Seen[]> {
    const logs = this.actors.map(({ device, sent, peer: { received } }) => {
      const fresh = received
        .splice(0)
        .filter(({ event }) => !PRESENCE.includes(event))
        .filter(({ event }) => event !== 'welcome' || device.startsWith('tutorial'));
      return { device, sent, fresh };
    });
    for (const { fresh } of logs) for (const { args } of fresh) this.nameCall(args[0]);
    return new Map(
      logs.map(({ device, sent, fresh }) => [
        device,
        fresh.map(({ event, args }): Seen => {
          const payload = this.translate((args[0] ?? {}) as Payload, this.names);
          if (event !== REPLY) return { kind: 'told', event, payload };
          const command = sent[args[1] as number];
          if (command === undefined) throw new Error('a reply to nothing');
          return { kind: 'reply', command, payload: shortened(payload) };
        }),
      ]),
    );
  }

  async disperse(): Promise<void> {
    await Promise.all(this.present().map(({ peer }) => peer.close()));
    for (const actor of this.actors) actor.connected = false;
    await this.gone();
  }

  present(): Actor[] {
    return this.actors.filter(({ connected }) => connected);
  }

  private nameCall(payload: unknown): void {
    const callId: unknown = (payload as Payload | undefined)?.callId;
    if (typeof callId !== 'string' || this.names.has(callId)) return;
    this.learn(`call ${this.callsNamed++}`, callId);
  }

  private learn(name: string, id: string): void {
    this.names.set(id, name);
    this.ids.set(name, id);
  }

  private translate(payload: Payload, words: Map<string, string>): Payload {
    return Object.fromEntries(
      Object.entries(payload).map(([key, value]) => [
        key,
        typeof value === 'string' ? (words.get(value) ?? value) : value,
      ]),
    );
  }
}

/** A refusal by its code alone: the words may change. */
function shortened(reply: Payload): Payload {
  if (reply.ok === true) return reply;
  return { ok: false, code: (reply.error as { code: unknown } | undefined)?.code };
}

/** Once everybody has left: no call, no timer, and nothing that remembers either. */
export async function expectNothingLeft(
  app: INestApplicationContext,
  clock: ManualClock,
): Promise<void> {
  await eventually(() => {
    const registry = app.get(CallRegistry);
    const memories = Object.values(registry).filter((value) => value instanceof Map);
    const left = {
      calls: registry.size,
      timers: clock.pending,
      remembered: memories.reduce((sum, { size }) => sum + size, 0),
    };
    expect(left).toEqual({ calls: 0, timers: 0, remembered: 0 });
  }, 1_000);
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
