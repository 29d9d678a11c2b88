import { Injectable } from '@nestjs/common';
import { UNREAD_MAX_MS, UNREAD_WHEN_SHORT_MAX_MS, UNSENT_MAX_BYTES } from '../protocol/limits.js';
import { Backlog, type Packet } from './backlog.js';
import type { PeerConnection } from './peer-socket.js';
import type { SharedText } from './shared-text.js';

type Listener = (this: PeerConnection, packet?: Packet) => void;

const SWEEP_MS = 1_000;
const SHORT_BYTES = UNSENT_MAX_BYTES / 2;
/** Down to which the node makes room, so that it need not look for some again with the next byte. */
const ROOM_BYTES = (UNSENT_MAX_BYTES * 7) / 8;

/**
 * What waits unsent for all connections. Who takes nothing for too long is cut off; and if all
 * together wait for more than the node can hold, those go first that have taken nothing for longest,
 * and then those that cost most.
 */
@Injectable()
export class Backlogs {
  /** Of connections that had something waiting lately. */
  private readonly byConnection = new WeakMap<PeerConnection, Backlog>();
  /** Those with something waiting. */
  private readonly behind = new Set<Backlog>();
  private unsentBytes = 0;
  private full = 0;
  private sweep: NodeJS.Timeout | undefined;
  private makingRoom = false;

  private readonly listeners = listenersFor(this);

  follow(connection: PeerConnection): void {
    const { queue, flush, close } = this.listeners;
    connection.on('packetCreate', queue);
    connection.on('flush', flush);
    connection.on('close', close);
  }

  find(connection: PeerConnection): Backlog | undefined {
    return this.byConnection.get(connection);
  }

  of(connection: PeerConnection): Backlog {
    const known = this.byConnection.get(connection);
    if (known !== undefined) return known;
    const backlog = new Backlog(connection, this);
    this.byConnection.set(connection, backlog);
    return backlog;
  }

  /** What was written past Engine.IO's queue was more than the operating system took. */
  fellBehind(connection: PeerConnection): void {
    this.changed(this.of(connection));
  }

  /** Whether it is worth asking for whom there is no room. */
  get someAreFull(): boolean {
    return this.full > 0;
  }

  /** Whether others may send to this connection. */
  hasRoom(connection: PeerConnection): boolean {
    return this.byConnection.get(connection)?.isFull !== true;
  }

  /** Whether so much is waiting that whatever is large and may wait should. */
  get isShort(): boolean {
    return this.unsentBytes > SHORT_BYTES;
  }

  /** A shared text counts once, for as long as it waits for anybody. */
  hold(text: SharedText): void {
    if (text.holders === 0) this.unsentBytes += text.cost;
    text.holders += 1;
  }

  release(text: SharedText): void {
    text.holders -= 1;
    if (text.holders === 0) this.unsentBytes -= text.cost;
  }

  changed(backlog: Backlog): void {
    const wasFull = backlog.isFull;
    this.unsentBytes += backlog.remeasure();
    this.full += Number(backlog.isFull) - Number(wasFull);
    if (backlog.isEmpty) this.forget(backlog);
    else if (!this.behind.has(backlog)) {
      backlog.tookMs = performance.now();
      this.behind.add(backlog);
    }
    if (this.behind.size > 0) this.sweepLater();
    if (this.unsentBytes <= UNSENT_MAX_BYTES || this.makingRoom) return;
    this.makingRoom = true;
    // Not at once: whoever is sending is in the middle of something.
    queueMicrotask(() => this.makeRoom());
  }

  /** One that is gone stays known, so that nothing is ever counted for it again. */
  private forget(backlog: Backlog): void {
    this.behind.delete(backlog);
    if (!backlog.isGone) this.byConnection.delete(backlog.connection);
  }

  private cutOffUnread(): void {
    this.lookAgain();
    const patienceMs = this.isShort ? UNREAD_WHEN_SHORT_MAX_MS : UNREAD_MAX_MS;
    const tooLongAgo = performance.now() - patienceMs;
    for (const backlog of [...this.behind]) if (backlog.tookMs < tooLongAgo) backlog.cutOff();
    this.sweep = undefined;
    if (this.behind.size > 0) this.sweepLater();
  }

  private sweepLater(): void {
    this.sweep ??= setTimeout(() => this.cutOffUnread(), SWEEP_MS).unref();
  }

  private makeRoom(): void {
    this.lookAgain();
    if (this.unsentBytes > UNSENT_MAX_BYTES) {
      for (const backlog of this.worstFirst()) {
        if (this.unsentBytes <= ROOM_BYTES) break;
        backlog.cutOff();
      }
    }
    this.makingRoom = false;
  }

  /** Those who read nothing; of those who read, however little, who costs most. */
  private worstFirst(): Backlog[] {
    const nowMs = performance.now();
    return [...this.behind]
      .map((backlog) => ({
        backlog,
        stalled: Math.floor((nowMs - backlog.tookMs) / UNREAD_WHEN_SHORT_MAX_MS),
        share: backlog.share,
      }))
      .sort((a, b) => b.stalled - a.stalled || b.share - a.share)
      .map(({ backlog }) => backlog);
  }

  /** What WebSockets have taken meanwhile, nobody has told. */
  private lookAgain(): void {
    const nowMs = performance.now();
    for (const backlog of [...this.behind]) {
      backlog.watch(nowMs);
      this.changed(backlog);
    }
  }
}

/** The same for all connections, each of which is its listeners' `this`. */
function listenersFor(backlogs: Backlogs): Record<'queue' | 'flush' | 'close', Listener> {
  return {
    queue(packet) {
      if (packet?.data !== undefined) backlogs.of(this).queue(packet);
    },
    flush() {
      backlogs.find(this)?.flush();
    },
    close() {
      backlogs.find(this)?.closed();
    },
  };
}
