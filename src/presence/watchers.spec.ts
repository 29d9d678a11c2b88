import { jest } from '@jest/globals';
import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { SharedText } from '../delivery/shared-text.js';
import type { OnlinePeer, PresenceDiff } from '../protocol/events.js';
import {
  DIFF_INTERVAL_MAX_MS,
  DIFF_INTERVAL_MS,
  LIST_BYTES_PER_SECOND,
  SNAPSHOT_RETRY_MS,
} from '../protocol/limits.js';
import type { SignalingError } from '../protocol/signaling-error.js';
import { OnlineUsers } from './online-users.js';
import { SnapshotBudget } from './snapshot-budget.js';
import { Watchers } from './watchers.js';

describe('Watchers', () => {
  let users: OnlineUsers;
  let watchers: Watchers;
  let packets: Map<string, string[]>;
  let whenSending: (to: string) => void;

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const peer = (socketId: string, name = socketId): OnlinePeer => ({
    socketId,
    userId: socketId,
    name,
    inCall: false,
  });
  const comes = (socketId: string, name = socketId): void => {
    const before = users.find(socketId);
    users.set(peer(socketId, name));
    watchers.changed(socketId, before);
  };
  const goes = (socketId: string): void => {
    const before = users.find(socketId);
    users.delete(socketId);
    watchers.changed(socketId, before);
  };
  const snapshot = (id: string): string[] => {
    const { users: all } = JSON.parse(watchers.add(id).text.text.slice(0, -1)) as {
      users: OnlinePeer[];
    };
    return all.map(({ name }) => name);
  };
  const refusal = (act: () => unknown): unknown[] => {
    try {
      act();
      return [];
    } catch (error) {
      const { code, retryAfterMs } = error as SignalingError;
      return [code, retryAfterMs];
    }
  };
  /** What a client was told, by names. */
  const toldTo = (id: string): Record<string, string[]>[] =>
    (packets.get(id) ?? []).map((packet) => {
      const [, diff] = JSON.parse(packet.slice(1)) as [string, PresenceDiff];
      const entries = Object.entries(diff) as [string, OnlinePeer[]][];
      const told = entries.filter(([, peers]) => peers.length > 0);
      return Object.fromEntries(told.map(([how, peers]) => [how, peers.map(({ name }) => name)]));
    });

  /** Slices are cut by real immediates, which fake time does not wait for. */
  const flushed = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await pass(1);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    packets = new Map();
    whenSending = () => undefined;
    const messenger = {
      sendShared(to: string, { text }: SharedText) {
        packets.set(to, [...(packets.get(to) ?? []), text]);
        whenSending(to);
        return true;
      },
    };
    users = new OnlineUsers();
    watchers = new Watchers(users, messenger as unknown as PeerMessenger, new SnapshotBudget());
  });
  afterEach(() => {
    watchers.close();
    jest.useRealTimers();
  });

  it('tells at once of what changes after a quiet interval, and then of a batch at a time', async () => {
    watchers.add('w');
    comes('a');
    await pass(0);
    expect(toldTo('w')).toEqual([{ joined: ['a'] }]);
    comes('b');
    comes('a', 'anna');
    await pass(DIFF_INTERVAL_MS - 1);
    expect(toldTo('w')).toHaveLength(1);
    goes('b');
    comes('c');
    await pass(1);
    expect(toldTo('w').slice(1)).toEqual([{ joined: ['c'], changed: ['anna'] }]);
  });

  it('says nothing when everything is as it was', async () => {
    comes('a');
    watchers.add('w');
    comes('a', 'anna');
    comes('a', 'a');
    comes('b');
    goes('b');
    await pass(DIFF_INTERVAL_MS);
    expect(toldTo('w')).toEqual([]);
  });

  it('tells who comes in the middle of a batch only what changed since', async () => {
    watchers.add('first');
    comes('x'); // opens the interval
    await pass(1);
    watchers.add('early');
    comes('a');
    await pass(1);
    expect(snapshot('late')).toEqual(['x', 'a']);
    goes('a');
    comes('b');
    await pass(DIFF_INTERVAL_MS);
    expect(toldTo('early')).toEqual([{ joined: ['b'] }]);
    expect(toldTo('late')).toEqual([{ joined: ['b'], left: ['a'] }]);
  });

  it('gives all who know the same one packet', async () => {
    for (let i = 0; i < 100; i += 1) watchers.add(`w${i}`);
    const encode = jest.spyOn(JSON, 'stringify');
    comes('a');
    await pass(0);
    expect(encode).toHaveBeenCalledTimes(1);
    encode.mockRestore();
    expect(packets.size).toBe(100);
  });

  it('brings up to date who stops, and tells it nothing more', async () => {
    watchers.add('w');
    comes('a');
    watchers.remove('w');
    expect(toldTo('w')).toEqual([{ joined: ['a'] }]);
    comes('b');
    await pass(DIFF_INTERVAL_MS);
    watchers.remove('w');
    expect(toldTo('w')).toHaveLength(1);
  });

  it('tells who starts, stops or starts anew while others are told, nothing twice and nothing less', async () => {
    jest.useRealTimers(); // slices are cut by the real clock
    for (const id of ['first', 'stops', 'again']) watchers.add(id);
    whenSending = (to) => {
      if (to !== 'first') return;
      whenSending = () => undefined;
      setImmediate(() => {
        comes('b');
        watchers.remove('stops');
        expect(snapshot('again')).toEqual(['a', 'b']);
        expect(snapshot('starts')).toEqual(['a', 'b']);
        comes('c');
      });
      const sliceEnd = performance.now() + 10;
      while (performance.now() < sliceEnd);
    };
    comes('a');
    await new Promise((resolve) => setTimeout(resolve, 3 * DIFF_INTERVAL_MS));
    expect(toldTo('first')).toEqual([{ joined: ['a'] }, { joined: ['b', 'c'] }]);
    expect(toldTo('stops')).toEqual([{ joined: ['a', 'b'] }]);
    expect(toldTo('again')).toEqual([{ joined: ['c'] }]);
    expect(toldTo('starts')).toEqual([{ joined: ['c'] }]);
  });

  it('shares no snapshot of before with who starts anew while others are told', async () => {
    jest.useRealTimers(); // slices are cut by the real clock
    for (let i = 0; i < 100_000; i += 1) users.set(peer(`peer ${i}`));
    for (const id of ['first', 'second']) watchers.add(id);
    const snapshots: string[][] = [];
    whenSending = () => {
      whenSending = () => undefined;
      setImmediate(() => snapshots.push(snapshot('first')));
      const sliceEnd = performance.now() + 10;
      while (performance.now() < sliceEnd);
    };
    comes('a');
    await new Promise((resolve) => setTimeout(resolve, DIFF_INTERVAL_MS));
    for (const id of ['b', 'c']) comes(id);
    await new Promise((resolve) => setTimeout(resolve, 2 * DIFF_INTERVAL_MS));
    expect(snapshots.map((names) => names.slice(100_000))).toEqual([['a']]);
    expect(toldTo('first')).toEqual([{ joined: ['a'] }, { joined: ['b', 'c'] }]);
  });

  it('waits longer while the diffs exceed the budget, but 1 s at most', async () => {
    const crowd = Array.from({ length: 2_000 }, (_, i) => `watcher ${i}`);
    for (const id of crowd) watchers.add(id);
    for (let i = 0; i < 200; i += 1) comes(`${i} ${'x'.repeat(64)}`);
    await flushed();
    const bytes = crowd.length * (packets.get('watcher 0')?.[0]?.length ?? 0);
    expect(bytes).toBeGreaterThan(LIST_BYTES_PER_SECOND);
    comes('a');
    await pass(DIFF_INTERVAL_MAX_MS - 100);
    expect(packets.get('watcher 0')?.length).toBe(1);
    await pass(150);
    expect(packets.get('watcher 0')?.length).toBe(2);
  });

  it('shares a large snapshot for a moment, and nobody misses what came meanwhile', async () => {
    for (let i = 0; i < 5_000; i += 1) users.set(peer(`peer ${i}`));
    watchers.add('zero');
    comes('x'); // opens the interval
    await pass(1);
    const { text } = watchers.add('first');
    comes('a');
    await pass(40);
    comes('b');
    expect(watchers.add('second').text === text).toBe(true);
    await pass(20);
    expect(watchers.add('third').text === text).toBe(false);
    await pass(DIFF_INTERVAL_MS);
    expect(toldTo('first')).toEqual([{ joined: ['a', 'b'] }]);
    expect(toldTo('second')).toEqual([{ joined: ['a', 'b'] }]);
    expect(toldTo('third')).toEqual([]);
  });

  it('lets one snapshot wait uncounted for each', () => {
    const { onSent } = watchers.add('slow');
    expect(onSent).toBeDefined();
    expect(watchers.add('slow').onSent).toBeUndefined();
    onSent?.();
    expect(watchers.add('slow').onSent).toBeDefined();
    watchers.forget('slow');
    expect(watchers.add('slow').onSent).toBeDefined();
  });

  it('gives those who start their snapshot whatever it costs, and lets the others wait', () => {
    const many = Math.ceil((2 * LIST_BYTES_PER_SECOND) / (5_000 * 64));
    for (let i = 0; i < 5_000; i += 1) users.set(peer(`peer ${i}`, 'x'.repeat(64)));
    for (let i = 0; i < many; i += 1) watchers.add(`w${i}`).onSent?.();
    expect(refusal(() => watchers.add('w0'))).toEqual(['rate_limited', SNAPSHOT_RETRY_MS]);
    watchers.add('starts').onSent?.();
    jest.advanceTimersByTime(5_000);
    watchers.add('w0');
  });

  it('keeps nothing that nobody has yet to hear', async () => {
    const { log } = watchers as unknown as { log: unknown[] };
    comes('a');
    expect(log).toEqual([]);
    watchers.add('w');
    comes('b');
    await pass(DIFF_INTERVAL_MS);
    expect(log).toEqual([]);
    comes('c');
    watchers.forget('w');
    watchers.add('x').onSent?.();
    await pass(DIFF_INTERVAL_MS);
    watchers.close();
    expect(toldTo('x')).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
