import { Socket } from 'node:net';
import type { AckRequest } from '../delivery/ack-request.js';
import { type PeerConnection, type PeerSocket, webSocketOf } from '../delivery/peer-socket.js';
import { GuardedWebSocket } from '../wire/guarded-web-socket.js';
import { type EventTaker, takeEvents } from './event-frames.js';
import { readInto } from './read-buffer.js';
import { frameOf } from './text-frame.js';

/** More than a burst that a peer is about to read. */
const UNSENT_MAX_BYTES = 64 * 1024;

type SendArgs = Parameters<GuardedWebSocket['send']>;

/** Where the events of all connections go. */
export interface EventSink {
  /** False sends the event the long way. */
  take(peer: PeerSocket, event: unknown, payload: unknown, request?: AckRequest): boolean;
}

/** Has a WebSocket flushed at the end of this tick. */
interface Flusher {
  flushLater(webSocket: FastWebSocket): void;
}

/**
 * A WebSocket with a short cut each way. An event that comes in one piece is handled from the bytes
 * that the operating system wrote, where it would pass through two streams, four emitters and two
 * ticks; all else is handed to the stream, and so is what follows until ws has handed that on. What
 * goes out within a tick is put together as one text and leaves in one write.
 */
export class FastWebSocket extends GuardedWebSocket implements EventTaker {
  private peer: PeerSocket | undefined;
  private sink: EventSink | undefined;
  private flusher: Flusher | undefined;
  /** Frames, a character a byte. */
  private unsent = '';

  open(peer: PeerSocket, sink: EventSink, flusher: Flusher): void {
    this.peer = peer;
    this.sink = sink;
    this.flusher = flusher;
    const { tcp } = this;
    if (tcp instanceof Socket) readInto(tcp, this);
  }

  /** Returns false where reading should pause, as streams say it. */
  read(buffer: Buffer, bytes: number): boolean {
    const { tcp } = this;
    const isClear = tcp?.readableLength === 0 && this.isBetweenMessages;
    const taken = isClear ? takeEvents(buffer, bytes, this) : 0;
    if (taken === bytes) return true;
    // A copy: the buffer is read into again, for any connection.
    return tcp?.push(Buffer.from(buffer.subarray(taken, bytes))) ?? true;
  }

  take(event: unknown, payload: unknown, request: AckRequest | undefined): boolean {
    const { peer, sink } = this;
    if (peer === undefined || sink === undefined || this.readyState !== this.OPEN) return false;
    return sink.take(peer, event, payload, request);
  }

  /** False if it has to go through Engine.IO. */
  sendText(text: string): boolean {
    const { flusher, tcp } = this;
    if (flusher === undefined || tcp === undefined || this.readyState !== this.OPEN) return false;
    if (tcp.writableLength + this.unsent.length > UNSENT_MAX_BYTES) return false;
    const frame = frameOf(text);
    if (frame === undefined) return false;
    if (this.unsent === '') flusher.flushLater(this);
    this.unsent += frame;
    return true;
  }

  /** Hands what was sent to the operating system. */
  flush(): void {
    const { unsent } = this;
    if (unsent === '') return;
    this.unsent = '';
    if (this.readyState === this.OPEN) this.tcp?.write(unsent, 'latin1');
  }

  /** For whom more was sent than the operating system took. */
  get behind(): PeerConnection | undefined {
    return (this.tcp?.writableLength ?? 0) > 0 ? this.peer?.conn : undefined;
  }

  // Whatever ws writes by itself comes after what was sent before it.

  override send(data: SendArgs[0], options?: unknown, done?: unknown): void {
    this.flush();
    super.send(data, options as SendArgs[1], done as SendArgs[2]);
  }

  override ping(...args: Parameters<GuardedWebSocket['ping']>): void {
    this.flush();
    super.ping(...args);
  }

  override pong(...args: Parameters<GuardedWebSocket['pong']>): void {
    this.flush();
    super.pong(...args);
  }

  override close(...args: Parameters<GuardedWebSocket['close']>): void {
    this.flush();
    super.close(...args);
  }
}

/** Undefined for one that goes the long way, or polls. */
export function fastWebSocketOf(connection: PeerConnection): FastWebSocket | undefined {
  const webSocket = webSocketOf(connection);
  return webSocket instanceof FastWebSocket ? webSocket : undefined;
}
