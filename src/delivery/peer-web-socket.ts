import type { Duplex, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { CLOSE_GRACE_MS } from '../protocol/limits.js';
import { type Charge, unitsOf } from './charge.js';
import { takeEvents, type TakeEvent } from './event-frames.js';
import { FrameScanner } from './frame-scanner.js';
import type { PeerConnection, PeerSocket } from './peer-socket.js';
import type { Frame } from './shared-text.js';

type Write = (chunk: Buffer) => boolean;
type Data = Parameters<WebSocket['send']>[0];
type Options = Parameters<WebSocket['send']>[1];
type Done = Parameters<WebSocket['send']>[2];

/** What a connection does with its messages, from the time that it is a peer's. */
export interface PeerEvents {
  readonly take: TakeEvent;
  /** For one that is not kept; `start` is how it began. */
  readonly refuseTooLarge: (start: string) => void;
}

/** Its continuations are microtasks, as those of `queueMicrotask`, without an AsyncResource for each. */
const SETTLED = Promise.resolve();

/**
 * The WebSocket of a peer, with a short cut each way. What does not take it is charged, and goes
 * through ws, which hands on one message or ping in a turn of the event loop.
 */
export class PeerWebSocket extends WebSocket {
  private events: PeerEvents | undefined;
  private tcp: Duplex | undefined;
  private onTheLongWay = false;
  private unansweredPing: Buffer | undefined;
  private isAnswering = false;
  private readonly frames = new FrameScanner((start) => this.refuseTooLarge(start));
  private fellBehind: (() => void) | undefined;

  /**
   * An event that comes in one piece is handled at once, where it would pass through a stream, four
   * emitters and two ticks. Nothing overtakes what goes that long way. With `writePacket`, the same on
   * the way out: 1.4 times the messages per CPU second one by one, 1.5 times in bursts.
   */
  openShortCut(events: PeerEvents): void {
    this.events = events;
  }

  runsOver(tcp: Duplex, charge: Charge): void {
    this.tcp = tcp;
    this.on('ping', (data: Buffer) => this.answerPing(data));
    const { _receiver: receiver } = this as unknown as { _receiver?: Writable };
    if (receiver === undefined) return;
    const write = receiver.write.bind(receiver) as Write;
    receiver.write = (chunk: Buffer) => this.read(chunk, receiver, write, charge);
  }

  /**
   * What is sent within one tick leaves in one write: the candidates of a burst come in one segment,
   * and would leave in a system call each. A fifth less CPU per message of a burst.
   */
  override send(data: Data, options?: unknown, done?: unknown): void {
    this.collectTick();
    super.send(data, options as Options, done as Done);
  }

  /** ws waits half a minute for a client to agree to the end; what waits for it waits as long. */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
    if (this.readyState === this.CLOSED) return;
    const timer = setTimeout(() => this.terminate(), CLOSE_GRACE_MS).unref();
    this.once('close', () => clearTimeout(timer));
  }

  /** A frame that is made already, as those that many get. */
  sendFrame(frame: Frame): void {
    const { _sender: sender } = this as unknown as { _sender: { sendFrame(frame: Frame): void } };
    if (this.readyState !== this.OPEN) return;
    this.collectTick();
    sender.sendFrame(frame);
  }

  /** To be told at the end of a tick that the operating system did not take all that was sent in it. */
  whenBehind(tell: () => void): void {
    this.fellBehind = tell;
  }

  private collectTick(): void {
    const { tcp } = this;
    if (tcp?.writableCorked !== 0) return;
    tcp.cork();
    // Not in the next tick: whoever stops the server may get there first, and destroys the socket.
    void SETTLED.then(() => {
      tcp.uncork();
      if (tcp.writableLength > 0) this.fellBehind?.();
    });
  }

  private read(chunk: Buffer, receiver: Writable, write: Write, charge: Charge): boolean {
    const { events, frames } = this;
    let rest = chunk;
    if (
      events !== undefined &&
      !this.onTheLongWay &&
      frames.isBetweenFrames &&
      isBetweenMessages(receiver)
    ) {
      rest = takeEvents(chunk, events.take, this);
      if (rest.length === 0) return true;
    }
    if (!this.onTheLongWay) {
      this.onTheLongWay = true;
      setImmediate(() => (this.onTheLongWay = false));
    }
    const { kept, frames: count } = frames.scan(rest);
    if (!charge(unitsOf(count, rest.length))) {
      this.terminate();
      return true;
    }
    return kept.length === 0 || write(kept);
  }

  private refuseTooLarge(start: string): void {
    if (this.events === undefined) this.terminate();
    else this.events.refuseTooLarge(start);
  }

  /** While an answer waits for a peer that does not read, only the last ping is answered. */
  private answerPing(data: Buffer): void {
    this.unansweredPing = data;
    if (this.isAnswering || this.readyState !== this.OPEN) return;
    this.isAnswering = true;
    this.unansweredPing = undefined;
    this.pong(data, false, () => {
      this.isAnswering = false;
      if (this.unansweredPing !== undefined) this.answerPing(this.unansweredPing);
    });
  }
}

/** Engine.IO has no public name for it. Undefined for long-polling. */
export function webSocketOf({ transport }: PeerConnection): PeerWebSocket | undefined {
  const { socket } = transport as { socket?: unknown };
  return socket instanceof PeerWebSocket ? socket : undefined;
}

/** For as long as the connection has this WebSocket, or as soon as it is upgraded to one. */
export function openShortCut({ conn }: PeerSocket, events: PeerEvents): void {
  if (conn.transport.name === 'websocket') webSocketOf(conn)?.openShortCut(events);
  else conn.once('upgrade', () => webSocketOf(conn)?.openShortCut(events));
}

/** Names of ws; if one of them is missing, everything goes the long way. */
function isBetweenMessages(receiver: Writable): boolean {
  const { _state, _bufferedBytes, _fragmented, writableLength } = receiver as Writable & {
    _state?: number;
    _bufferedBytes?: number;
    _fragmented?: number;
  };
  return _state === 0 && _bufferedBytes === 0 && _fragmented === 0 && writableLength === 0;
}
