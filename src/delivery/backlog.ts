import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { BACKLOG_MAX_BYTES, CLOSE_GRACE_MS, RELAY_BACKLOG_MAX_BYTES } from '../protocol/limits.js';
import type { Backlogs } from './backlogs.js';
import { type PeerConnection, webSocketOf } from './peer-socket.js';
import type { Frame, SharedText } from './shared-text.js';

/** With what a shared text is handed to Engine.IO, which takes the frame as it is. */
export interface SharedOptions {
  readonly compress: false;
  readonly wsPreEncodedFrame: Frame;
  readonly shared: SharedText;
  /** Of what its sender bounds by other means, and what is therefore not counted: it has left. */
  readonly onSent: (() => void) | undefined;
}

/** As Engine.IO makes it; a ping has no data. */
export interface Packet {
  readonly data?: string;
  readonly options?: Partial<SharedOptions>;
}

/** What one connection has yet to take, in bytes. */
interface Load {
  /** All but what its sender bounds: this is what the connection answers for. */
  counted: number;
  /** What no other connection shares: this is what it costs. */
  own: number;
  readonly shared: Pick<SharedOptions, 'shared' | 'onSent'>[];
}

/**
 * What waits for one connection. Engine.IO queues without a bound, and so do Node and the WebSocket
 * below it. Others may only fill a part of the bound and are refused then; a connection that goes
 * over it has asked for more than it reads.
 */
export class Backlog {
  /** What it costs, as the node counts it. */
  ownBytes = 0;
  isFull = false;
  /** When it was last seen to take anything. */
  tookMs = performance.now();
  private queued = emptyLoad();
  private leaving = emptyLoad();
  /** The answer to a poll that holds what is leaving. */
  private answer: ServerResponse | undefined;
  private takenBytes = 0;
  /** Nothing is to be counted for it any more. */
  isGone = false;

  constructor(
    readonly connection: PeerConnection,
    private readonly node: Backlogs,
  ) {}

  /** @returns by how many bytes its cost has changed */
  remeasure(): number {
    const { queued, leaving, ownBytes } = this;
    this.ownBytes = this.isGone ? 0 : queued.own + leaving.own + this.directBytes();
    this.isFull = !this.isGone && this.countedBytes > RELAY_BACKLOG_MAX_BYTES;
    return this.ownBytes - ownBytes;
  }

  get isEmpty(): boolean {
    return this.ownBytes === 0 && isNothing(this.queued) && isNothing(this.leaving);
  }

  /** What of the cost is this connection's, with its share of what it shares. */
  get share(): number {
    return this.allShared.reduce(
      (bytes, { shared }) => bytes + shared.cost / shared.holders,
      this.ownBytes,
    );
  }

  /** To be asked now and then: has it taken anything since? */
  watch(nowMs: number): void {
    const taken = takenBytes(this.webSocket);
    if (taken === this.takenBytes) return;
    this.takenBytes = taken;
    this.tookMs = nowMs;
  }

  /** Closes it, and gives back at once what waits for it. */
  cutOff(): void {
    const { webSocket } = this;
    this.connection.close(true);
    webSocket?.terminate();
    this.forget();
  }

  private get webSocket(): WebSocket | undefined {
    return webSocketOf(this.connection);
  }

  private get allShared(): Load['shared'] {
    return [...this.queued.shared, ...this.leaving.shared];
  }

  private get countedBytes(): number {
    return this.queued.counted + this.leaving.counted;
  }

  queue({ data, options: { shared, onSent } = {} }: Packet): void {
    if (data === undefined || this.isGone) return;
    const { queued } = this;
    const bytes = shared?.bytes.length ?? Buffer.byteLength(data);
    if (onSent === undefined) queued.counted += bytes;
    if (shared === undefined) queued.own += bytes;
    else {
      this.node.hold(shared);
      queued.shared.push({ shared, onSent });
    }
    this.node.changed(this);
    // Not at once: whoever is sending to it is in the middle of something.
    if (this.countedBytes > BACKLOG_MAX_BYTES) queueMicrotask(() => this.cutOff());
  }

  /** Engine.IO hands all that is queued to the transport: before that is done, it hands over nothing. */
  flush(): void {
    const { transport } = this.connection;
    if (this.answer?.writableFinished === false) {
      this.answer.destroy(); // unread, and it polls again: no client does
      queueMicrotask(() => this.cutOff());
    }
    this.left();
    this.leaving = this.queued;
    this.queued = emptyLoad();
    const { leaving, webSocket } = this;
    if (isNothing(leaving)) return; // a ping
    if (webSocket !== undefined) {
      transport.once('drain', () => this.left());
    } else {
      // A copy for this one alone, and it has left when the answer has: Engine.IO looks no further.
      for (const { shared } of leaving.shared) leaving.own += shared.bytes.length;
      const { res: answer } = transport as { res?: ServerResponse };
      this.answer = answer;
      answer?.once('close', () => {
        if (this.answer === answer) this.left();
      });
    }
    this.node.changed(this);
  }

  private left(): void {
    const { leaving } = this;
    if (isNothing(leaving)) return;
    this.leaving = emptyLoad();
    this.answer = undefined;
    this.tookMs = performance.now();
    for (const { shared, onSent } of leaving.shared) {
      this.node.release(shared);
      onSent?.();
    }
    this.node.changed(this);
  }

  closed(): void {
    if (this.isEmpty) return this.forget();
    setTimeout(() => this.forget(), CLOSE_GRACE_MS).unref();
  }

  private forget(): void {
    if (this.isGone) return;
    this.isGone = true;
    if (this.answer?.writableFinished === false) this.answer.destroy();
    for (const { shared } of this.allShared) this.node.release(shared);
    this.queued = emptyLoad();
    this.leaving = emptyLoad();
    this.node.changed(this);
  }

  /** What was written past Engine.IO. */
  private directBytes(): number {
    const { webSocket, leaving } = this;
    if (webSocket === undefined) return 0;
    const throughEngine = leaving.shared.reduce(
      (bytes, { shared }) => bytes + shared.bytes.length,
      leaving.own,
    );
    return Math.max(0, webSocket.bufferedAmount - throughEngine);
  }
}

function emptyLoad(): Load {
  return { counted: 0, own: 0, shared: [] };
}

function isNothing({ own, shared }: Load): boolean {
  return own === 0 && shared.length === 0;
}

/**
 * How much the operating system has taken so far. Node has no public name for what it has not: a
 * large write counts there as one, however much of it has left.
 */
function takenBytes(webSocket: WebSocket | undefined): number {
  const { _socket: tcp } = (webSocket ?? {}) as { _socket?: Socket };
  const { _handle: handle } = (tcp ?? {}) as {
    _handle?: { bytesWritten?: number; writeQueueSize?: number };
  };
  return (handle?.bytesWritten ?? 0) - (handle?.writeQueueSize ?? 0);
}
