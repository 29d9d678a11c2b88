import { encodeShared } from '../delivery/encoded-event.js';
import { encodeReply, EncodedReply } from '../delivery/encoded-reply.js';
import { inSlices, PACKETS_PER_SLICE } from '../delivery/in-slices.js';
import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { SharedText } from '../delivery/shared-text.js';
import type { OnlinePeer, PresenceDiff } from '../protocol/events.js';
import {
  DIFF_INTERVAL_MAX_MS,
  DIFF_INTERVAL_MS,
  LIST_BYTES_PER_SECOND,
} from '../protocol/limits.js';
import type { OnlineUsers } from './online-users.js';
import type { SnapshotBudget } from './snapshot-budget.js';

/** Taking a snapshot takes about 0.5 µs a peer: shared for this long, it takes 5 % of the time. */
const SNAPSHOT_MS_PER_PEER = 0.01;

interface Change {
  readonly socketId: string;
  readonly before: OnlinePeer | undefined;
}

interface Snapshot {
  readonly text: SharedText;
  readonly position: number;
  readonly takenMs: number;
}

/**
 * Those who watch: each gets a snapshot, then only what changed since, so that the bytes grow with
 * watchers × changes and not with watchers × changes × peers.
 *
 * The changes of a batch stand in one log, and each watcher at a position in it. Most stand at its
 * start and share one packet; who came in the middle hears what changed since, and no more.
 */
export class Watchers {
  private readonly positions = new Map<string, number>();
  private log: Change[] = [];
  private logStart = 0;
  private readonly unsentSnapshots = new Set<string>();
  private snapshot: Snapshot | undefined;
  private timer: NodeJS.Timeout | undefined;
  private flushing = false;
  private nextFlushMs = 0;

  constructor(
    private readonly users: OnlineUsers,
    private readonly messenger: PeerMessenger,
    private readonly budget: SnapshotBudget,
  ) {}

  has(socketId: string): boolean {
    return this.positions.has(socketId);
  }

  /**
   * @returns the acknowledgement: where the watcher starts from
   * @throws {SignalingError} `rate_limited` for one who starts anew too often; it goes on as before
   */
  add(socketId: string): EncodedReply {
    const { text, position } = this.currentSnapshot();
    this.budget.spend(text.bytes.length, this.positions.has(socketId));
    this.positions.set(socketId, position);
    if (this.unsentSnapshots.has(socketId)) return new EncodedReply(text);
    this.unsentSnapshots.add(socketId);
    return new EncodedReply(text, () => this.unsentSnapshots.delete(socketId));
  }

  /** Brings the watcher up to date, so that it may go on with the hints from here. */
  remove(socketId: string): void {
    const position = this.positions.get(socketId);
    if (position === undefined) return;
    const packet = this.packetSince(position);
    if (packet !== undefined) this.messenger.sendShared(socketId, packet);
    this.forget(socketId);
  }

  forget(socketId: string): void {
    this.unsentSnapshots.delete(socketId);
    if (!this.positions.delete(socketId) || this.positions.size > 0) return;
    this.logStart = this.logEnd;
    this.log = [];
    this.snapshot = undefined;
  }

  /** To be told of every peer that appears, changes or goes, after it did. */
  changed(socketId: string, before: OnlinePeer | undefined): void {
    if (this.positions.size === 0) return;
    this.log.push({ socketId, before });
    this.schedule();
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private get logEnd(): number {
    return this.logStart + this.log.length;
  }

  private currentSnapshot(): Snapshot {
    const nowMs = performance.now();
    const shared = this.snapshot;
    if (shared !== undefined && shared.position >= this.logStart) {
      const unchanged = shared.position === this.logEnd;
      const sharedForMs = this.users.count * SNAPSHOT_MS_PER_PEER;
      if (unchanged || nowMs - shared.takenMs < sharedForMs) return shared;
    }
    const text = encodeReply({ ok: true, users: this.users.all() });
    return (this.snapshot = { text, position: this.logEnd, takenMs: nowMs });
  }

  private schedule(): void {
    if (this.timer !== undefined || this.flushing) return; // the end of a flush starts the next
    this.timer = setTimeout(
      () => void this.flush(),
      Math.max(0, this.nextFlushMs - performance.now()),
    );
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    this.flushing = true;
    this.snapshot = undefined; // whoever starts from here on knows already what is about to be told
    const end = this.logEnd;
    // All of them before the first is sent: the peers change while slices of watchers are told.
    const packets = new Map(
      [...new Set(this.positions.values())].map((start) => [start, this.packetSince(start)]),
    );
    let bytes = 0;
    const tell = ([socketId, position]: [string, number]): void => {
      if (position >= end) return; // came meanwhile
      const packet = packets.get(position);
      this.positions.set(socketId, end);
      if (packet === undefined) return;
      this.messenger.sendShared(socketId, packet);
      bytes += packet.bytes.length;
    };
    await inSlices(this.positions, tell, PACKETS_PER_SLICE);
    this.log.splice(0, Math.max(0, end - this.logStart));
    this.logStart = Math.max(this.logStart, end);
    const fittingMs = (bytes * 1_000) / LIST_BYTES_PER_SECOND;
    this.nextFlushMs =
      performance.now() + Math.min(Math.max(fittingMs, DIFF_INTERVAL_MS), DIFF_INTERVAL_MAX_MS);
    this.flushing = false;
    if (this.log.length > 0) this.schedule();
  }

  private packetSince(position: number): SharedText | undefined {
    const befores = new Map<string, OnlinePeer | undefined>();
    for (const { socketId, before } of this.log.slice(position - this.logStart)) {
      if (!befores.has(socketId)) befores.set(socketId, before);
    }
    const diff: PresenceDiff = { joined: [], left: [], changed: [] };
    for (const [socketId, before] of befores) {
      const now = this.users.find(socketId);
      if (before === undefined) {
        if (now !== undefined) diff.joined.push(now);
      } else if (now === undefined) diff.left.push(before);
      else if (before.name !== now.name || before.inCall !== now.inCall) diff.changed.push(now);
    }
    const empty = Object.values(diff).every((peers: OnlinePeer[]) => peers.length === 0);
    return empty ? undefined : encodeShared('presenceDiff', diff);
  }
}
