import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import {
  BACKLOG_MAX_BYTES,
  RELAY_BACKLOG_MAX_BYTES,
  UNREAD_MAX_MS,
  UNREAD_WHEN_SHORT_MAX_MS,
  UNSENT_MAX_BYTES,
} from '../protocol/limits.js';
import { Backlogs } from './backlogs.js';
import type { PeerConnection } from './peer-socket.js';
import { SharedText } from './shared-text.js';

const SWEEP_MS = 1_000;
const MB = 1024 * 1024;

/** A connection between two polls. */
class Idle extends EventEmitter {
  readonly transport = { res: undefined };
  isCutOff = false;

  close(): void {
    this.isCutOff = true;
    this.emit('close');
  }

  /** What waits for it, or has left once it polls. */
  gets(bytes: number): void {
    this.emit('packetCreate', { data: 'x'.repeat(bytes), options: {} });
  }

  getsShared(shared: SharedText): void {
    const options = { shared, onSent: () => undefined };
    this.emit('packetCreate', { data: shared.text, options });
  }

  polls(): void {
    const answer = Object.assign(new EventEmitter(), { writableFinished: false, destroy: () => 0 });
    Object.assign(this.transport, { res: answer });
    this.emit('flush');
    answer.writableFinished = true;
    answer.emit('close');
  }
}

describe('Backlogs', () => {
  let backlogs: Backlogs;

  const comes = (): Idle => {
    const connection = new Idle();
    backlogs.follow(connection as unknown as PeerConnection);
    return connection;
  };
  const hasRoom = (connection: Idle): boolean =>
    backlogs.hasRoom(connection as unknown as PeerConnection);
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
    backlogs = new Backlogs();
  });
  afterEach(() => jest.useRealTimers());

  it('has room for what others send until half of the bound waits, and again once that has left', async () => {
    const slow = comes();
    slow.gets(RELAY_BACKLOG_MAX_BYTES);
    expect([backlogs.someAreFull, hasRoom(slow)]).toEqual([false, true]);
    slow.gets(1);
    expect([backlogs.someAreFull, hasRoom(slow)]).toEqual([true, false]);
    slow.polls();
    expect([backlogs.someAreFull, hasRoom(slow)]).toEqual([false, true]);
    slow.gets(RELAY_BACKLOG_MAX_BYTES + 1);
    slow.close();
    await pass(SWEEP_MS);
    expect(backlogs.someAreFull).toBe(false);
  });

  it('cuts off who asks for more than the bound, but not for a list', async () => {
    const [list, asks] = [comes(), comes()];
    list.getsShared(new SharedText('x'.repeat(2 * BACKLOG_MAX_BYTES)));
    asks.gets(BACKLOG_MAX_BYTES + 1);
    await pass(0);
    expect([list.isCutOff, asks.isCutOff]).toEqual([false, true]);
  });

  it('cuts off who takes nothing, and nobody who takes a little or has nothing waiting', async () => {
    const [reads, stalls, idle] = [comes(), comes(), comes()];
    stalls.gets(1);
    for (let ms = 0; ms < 2 * UNREAD_MAX_MS; ms += UNREAD_MAX_MS / 2) {
      reads.gets(1);
      reads.polls();
      reads.gets(1);
      expect(stalls.isCutOff).toBe(ms >= UNREAD_MAX_MS);
      await pass(UNREAD_MAX_MS / 2 + SWEEP_MS);
    }
    expect([reads.isCutOff, stalls.isCutOff, idle.isCutOff]).toEqual([false, true, false]);
    reads.polls();
    await pass(SWEEP_MS);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts what many share once', async () => {
    const shared = new SharedText('x'.repeat(8 * MB));
    const many = Array.from({ length: 1_000 }, comes);
    for (const each of many) each.getsShared(shared);
    await pass(0);
    expect(backlogs.isShort).toBe(false);
    expect(many.filter(({ isCutOff }) => isCutOff)).toEqual([]);
    expect(shared.holders).toBe(many.length);
    for (const each of many) each.polls();
    expect(shared.holders).toBe(0);
  });

  it('has less patience while much is waiting for all together', async () => {
    const many = Array.from({ length: UNSENT_MAX_BYTES / 2 / MB + 1 }, comes);
    for (const each of many) each.gets(MB);
    expect(backlogs.isShort).toBe(true);
    await pass(UNREAD_WHEN_SHORT_MAX_MS - SWEEP_MS);
    expect(many.filter(({ isCutOff }) => isCutOff)).toEqual([]);
    await pass(2 * SWEEP_MS);
    expect(backlogs.isShort).toBe(false);
  });

  it('makes room where nothing was taken for longest, and then where it costs most', async () => {
    const stalls = comes();
    stalls.gets(1);
    await pass(UNREAD_WHEN_SHORT_MAX_MS + SWEEP_MS);
    const small = comes();
    small.gets(MB / 2);
    const [large, larger] = [comes(), comes()];
    large.getsShared(new SharedText('x'.repeat(10 * MB)));
    larger.getsShared(new SharedText('x'.repeat(15 * MB)));
    await pass(0);
    expect(stalls.isCutOff).toBe(false);
    comes().getsShared(new SharedText('x'.repeat(9 * MB)));
    await pass(0);
    expect([stalls.isCutOff, larger.isCutOff]).toEqual([true, true]);
    expect([large.isCutOff, small.isCutOff]).toEqual([false, false]);
  });
});
