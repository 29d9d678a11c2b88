import { type ManagerOptions, type Socket, type SocketOptions, io } from 'socket.io-client';
import type { Accepted, Refusal } from '../../src/protocol/ack.js';
import type {
  ClientEvent,
  ClientEvents,
  ServerEvent,
  ServerEvents,
} from '../../src/protocol/events.js';
import { eventually } from './eventually.js';

export type Transport = 'websocket' | 'polling';
export const TRANSPORTS: Transport[] = ['websocket', 'polling'];

type Reply = Accepted<Record<string, unknown>> | Refusal;

/** A stock client that remembers everything it was sent. */
export class Peer {
  readonly received: { event: string; args: unknown[] }[] = [];

  private constructor(readonly socket: Socket<ServerEvents, ClientEvents>) {
    socket.onAny((event: string, ...args: unknown[]) => this.received.push({ event, args }));
  }

  static async connect(
    url: string,
    options: Partial<ManagerOptions & SocketOptions> = {},
  ): Promise<Peer> {
    const peer = Peer.connecting(url, options);
    await new Promise<void>((resolve, reject) => {
      peer.socket.once('connect', resolve);
      peer.socket.once('connect_error', reject);
    });
    return peer;
  }

  static connecting(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Peer {
    return new Peer(io(url, { transports: ['websocket'], forceNew: true, ...options }));
  }

  /** Socket id; changes when the client reconnects. */
  get id(): string {
    if (this.socket.id === undefined) throw new Error('not connected');
    return this.socket.id;
  }

  /** Sends anything at all, as a hostile client would, and resolves with the acknowledgement. */
  ask(event: ClientEvent | (string & {}), ...args: unknown[]): Promise<Reply> {
    return (this.socket as unknown as Socket)
      .timeout(5_000)
      .emitWithAck(event, ...args) as Promise<Reply>;
  }

  /** Sends anything at all, without asking for an acknowledgement. */
  tell(event: ClientEvent | (string & {}), ...args: unknown[]): void {
    (this.socket as unknown as Socket).emit(event, ...args);
  }

  /** The first arguments of every such event received so far. */
  all<E extends ServerEvent>(event: E): Parameters<ServerEvents[E]>[0][] {
    return this.received
      .filter((message) => message.event === event)
      .map(({ args }) => args[0] as Parameters<ServerEvents[E]>[0]);
  }

  /** The next such event, or the last one if it came already; forgets everything up to it. */
  async next<E extends ServerEvent>(event: E): Promise<Parameters<ServerEvents[E]>[0]> {
    let index = -1;
    await eventually(() => {
      index = this.received.findIndex((message) => message.event === event);
      if (index < 0) throw new Error(`${event} never came; got ${JSON.stringify(this.received)}`);
    });
    const [message] = this.received.splice(0, index + 1).slice(-1);
    return message?.args[0] as Parameters<ServerEvents[E]>[0];
  }

  /** Round trip: everything the server sent to this peer before has arrived. */
  async settled(): Promise<void> {
    await this.ask('endCall', { to: null });
  }

  /** Leaves, and waits until the transport is gone: a poll left open would outlive its test. */
  async close(): Promise<void> {
    const { engine } = this.socket.io;
    this.socket.disconnect();
    await eventually(() => {
      if (engine.readyState !== 'closed') throw new Error(`still ${engine.readyState}`);
    });
  }
}
