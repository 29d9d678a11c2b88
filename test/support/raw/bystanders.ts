import type { ServerEvent } from '../../../src/protocol/events.js';
import { eventually } from '../eventually.js';
import { Peer, type Transport } from '../peer.js';

/** What everybody hears when anybody comes or goes. */
const PRESENCE: readonly string[] = ['userConnected', 'userDisconnected'] satisfies ServerEvent[];

/** What a peer was sent, presence aside: nobody hears anything else of somebody it does not know. */
export function besidesPresence({ received }: Peer): Peer['received'] {
  return received.filter(({ event }) => !PRESENCE.includes(event));
}

/** Two honest peers, one on each transport, who talk to each other beside an attack. */
export class Bystanders {
  private constructor(
    readonly ana: Peer,
    readonly ben: Peer,
  ) {}

  static async connect(url: string): Promise<Bystanders> {
    const connect = async (transport: Transport, name: string): Promise<Peer> => {
      // One that is cut off must not come back unnoticed.
      const peer = await Peer.connect(url, { transports: [transport], reconnection: false });
      await peer.ask('register', name);
      return peer;
    };
    const bystanders = new Bystanders(
      await connect('websocket', 'Ana'),
      await connect('polling', 'Ben'),
    );
    await bystanders.undisturbed();
    return bystanders;
  }

  /** Both are still connected, have heard nothing from strangers, and hear each other. */
  async undisturbed(): Promise<void> {
    const { ana, ben } = this;
    expect(besidesPresence(ana)).toEqual([]);
    expect(besidesPresence(ben)).toEqual([]);
    expect(await ana.ask('call', { to: ben.id })).toMatchObject({ ok: true, role: 'caller' });
    expect(await ben.ask('offer', { to: ana.id, sdp: 'v=0' })).toMatchObject({ ok: true });
    expect(await ana.ask('endCall', { to: ben.id })).toMatchObject({ ok: true, reason: 'hangup' });
    await eventually(() => {
      expect(besidesPresence(ben)).toMatchObject([
        { event: 'call', args: [{ from: ana.id, name: 'Ana' }] },
        { event: 'endCall', args: [{ socketId: ana.id, reason: 'hangup' }] },
      ]);
      expect(besidesPresence(ana)).toMatchObject([
        { event: 'offer', args: [{ sdp: 'v=0', socketId: ben.id }] },
      ]);
    });
    this.forget();
  }

  /** Who is on, as one of the two sees it. */
  async online(): Promise<Record<string, string>> {
    expect(besidesPresence(this.ana)).toEqual([]);
    await this.ana.ask('getOnlineUsers');
    return this.ana.next('onlineUsers');
  }

  /** Nobody is on but these two: whoever attacked has left no ghost. */
  async alone(): Promise<void> {
    await eventually(async () => {
      expect(await this.online()).toEqual({ [this.ana.id]: 'Ana', [this.ben.id]: 'Ben' });
    }, 15_000);
  }

  async close(): Promise<void> {
    await Promise.all([this.ana.close(), this.ben.close()]);
  }

  private forget(): void {
    this.ana.received.length = 0;
    this.ben.received.length = 0;
  }
}
