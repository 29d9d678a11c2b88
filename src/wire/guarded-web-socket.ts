import { type Duplex, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { CLOSE_GRACE_MS } from '../protocol/limits.js';
import { FrameScanner } from './frame-scanner.js';
import { type Payer, unitsOf } from './payer.js';

const NOTHING = Buffer.alloc(0);
const { write } = Writable.prototype as { write: (this: Writable, chunk: Buffer) => boolean };
const OWNER = Symbol('the WebSocket that a receiver reads for');

/** ws's parser of frames. */
type Receiver = Writable & { [OWNER]?: GuardedWebSocket };

/**
 * A WebSocket that pays for what it receives, frame by frame, before ws reads any of it.
 *
 * Its listeners are functions that all connections share, here as everywhere that one is added for
 * each connection: a closure of its own takes a quarter of a kilobyte, for as long as it is open.
 */
export class GuardedWebSocket extends WebSocket {
  protected tcp: Duplex | undefined;
  private payer: Payer | undefined;
  private readonly scanner = new FrameScanner(this);
  private unansweredPing: Buffer | undefined;
  private isAnswering = false;

  /** To be called once, before anything is received. */
  runsOver(tcp: Duplex, payer: Payer): void {
    this.tcp = tcp;
    this.payer = payer;
    this.on('ping', answerPing);
    const { receiver } = this;
    if (receiver === undefined) return;
    receiver[OWNER] = this;
    receiver.write = receive;
  }

  /** ws waits half a minute for a client to agree to the end; what waits for it waits as long. */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
    if (this.readyState === this.CLOSED) return;
    const timer = setTimeout(() => this.terminate(), CLOSE_GRACE_MS).unref();
    this.once('close', () => clearTimeout(timer));
  }

  /** For the scanner. */
  onTooLarge(start: string): void {
    if (this.payer?.refuseTooLarge(start) !== true) this.terminate();
  }

  /** What ws is to read of it; undefined where it has ended. */
  paidFor(chunk: Buffer): Buffer | undefined {
    const { kept, frames } = this.scanner.scan(chunk);
    if (this.payer?.charge(unitsOf(frames, chunk.length)) === true) return kept;
    this.terminate();
    return undefined;
  }

  /** While an answer waits for a peer that does not read, only the last ping is answered. */
  answerPing(data: Buffer): void {
    this.unansweredPing = data;
    if (this.isAnswering || this.readyState !== this.OPEN) return;
    this.isAnswering = true;
    this.unansweredPing = undefined;
    this.pong(data, false, () => {
      this.isAnswering = false;
      if (this.unansweredPing !== undefined) this.answerPing(this.unansweredPing);
    });
  }

  /** Whether all that came in has been handed on. Private names of ws; false if one is missing. */
  protected get isBetweenMessages(): boolean {
    const { _state, _bufferedBytes, _fragmented, writableLength } = (this.receiver ?? {}) as {
      _state?: number;
      _bufferedBytes?: number;
      _fragmented?: number;
      writableLength?: number;
    };
    const isWaiting = _state === 0 && _bufferedBytes === 0 && _fragmented === 0;
    return isWaiting && writableLength === 0 && this.scanner.isBetweenFrames;
  }

  private get receiver(): Receiver | undefined {
    return (this as unknown as { _receiver?: Receiver })._receiver;
  }
}

function answerPing(this: WebSocket, data: Buffer): void {
  (this as GuardedWebSocket).answerPing(data);
}

function receive(this: Receiver, chunk: Buffer): boolean {
  const kept = this[OWNER]?.paidFor(chunk) ?? NOTHING;
  if (kept.length === 0) return true;
  return write.call(this, kept);
}
