import { jest } from '@jest/globals';
import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { SharedText } from '../delivery/shared-text.js';
import {
  LIST_BYTES_PER_SECOND,
  LIST_INTERVAL_MAX_MS,
  LIST_INTERVAL_MS,
  UNREAD_WHEN_SHORT_MAX_MS,
} from '../protocol/limits.js';
import { ListAnswers } from './list-answers.js';
import { OnlineUsers } from './online-users.js';

describe('ListAnswers', () => {
  let users: OnlineUsers;
  let answers: ListAnswers;
  /** The lists that each client was sent, as they go over the wire. */
  let packets: Map<string, string[]>;
  /** Says of a list that it has left, for the clients that do not read at once. */
  let unread: Map<string, () => void>;
  let slow: Set<string>;
  let short: boolean;
  let whenSending: (to: string) => void;

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const online = (socketId: string, name: string) =>
    users.set({ socketId, userId: socketId, name, inCall: false });
  /** The names in each list that this client was sent. */
  const listsTo = (id: string): string[][] =>
    (packets.get(id) ?? []).map((packet) => {
      const [, names] = JSON.parse(packet.slice(1)) as [string, Record<string, string>];
      return Object.values(names);
    });

  beforeEach(() => {
    jest.useFakeTimers();
    packets = new Map();
    unread = new Map();
    slow = new Set();
    short = false;
    whenSending = () => undefined;
    const messenger = {
      sendShared(to: string, { text }: SharedText, onSent: () => void) {
        packets.set(to, [...(packets.get(to) ?? []), text]);
        if (slow.has(to)) unread.set(to, onSent);
        else onSent();
        whenSending(to);
        return true;
      },
      get isShortOfRoom() {
        return short;
      },
    };
    users = new OnlineUsers();
    answers = new ListAnswers(messenger as unknown as PeerMessenger);
  });
  afterEach(() => jest.useRealTimers());

  it('shows everything that was handled before it is written, not only before it was asked', async () => {
    online('a', 'Ana');
    answers.ask('a', users);
    online('b', 'Ben');
    await pass(0);
    expect(listsTo('a')).toEqual([['Ana', 'Ben']]);
  });

  it('answers many requests of one client with one list', async () => {
    for (let i = 0; i < 100; i += 1) answers.ask('a', users);
    await pass(10 * LIST_INTERVAL_MS);
    expect(listsTo('a')).toHaveLength(1);
  });

  it('lets a client that had a list a moment ago wait out the interval, and then answers', async () => {
    answers.ask('a', users);
    await pass(0);
    online('b', 'Ben');
    answers.ask('a', users);
    await pass(LIST_INTERVAL_MS - 1);
    expect(listsTo('a')).toHaveLength(1);
    await pass(1);
    expect(listsTo('a')).toEqual([[], ['Ben']]);
  });

  it('lets nobody wait for the interval of another', async () => {
    answers.ask('a', users);
    await pass(0);
    answers.ask('a', users);
    answers.ask('b', users);
    await pass(0);
    expect(listsTo('b')).toHaveLength(1);
    expect(listsTo('a')).toHaveLength(1);
    await pass(LIST_INTERVAL_MS);
    expect(listsTo('a')).toHaveLength(2);
  });

  it('stretches the interval when the lists to all who ask exceed the budget, to 1 s at most', async () => {
    const clients = Array.from({ length: 1_000 }, (_, i) => `client ${i}`);
    for (const id of clients) online(id, 'x'.repeat(64));
    expect(clients.length * users.asEvent().bytes.length).toBeGreaterThan(LIST_BYTES_PER_SECOND);
    for (const id of clients) answers.ask(id, users);
    await pass(0);
    for (const id of clients) answers.ask(id, users);

    await pass(LIST_INTERVAL_MAX_MS - 1);
    expect(new Set(clients.map((id) => packets.get(id)?.length))).toEqual(new Set([1]));
    await pass(1);
    expect(new Set(clients.map((id) => packets.get(id)?.length))).toEqual(new Set([2]));
  });

  it('has one list at most wait unsent for a client, and then sends the newest', async () => {
    slow.add('a');
    answers.ask('a', users);
    await pass(0);
    for (const name of ['Ben', 'Benjamin']) {
      online('b', name);
      answers.ask('a', users);
      await pass(2 * LIST_INTERVAL_MS);
    }
    expect(listsTo('a')).toEqual([[]]);

    unread.get('a')?.();
    await pass(0);
    expect(listsTo('a')).toEqual([[], ['Benjamin']]);
  });

  it('lets lists wait while the node is short of room for what is unsent', async () => {
    short = true;
    answers.ask('a', users);
    await pass(10 * LIST_INTERVAL_MS);
    expect(listsTo('a')).toEqual([]);
    short = false;
    await pass(LIST_INTERVAL_MS);
    expect(listsTo('a')).toHaveLength(1);
  });

  it('lets nobody wait for those who read so little that the node stays short of room', async () => {
    short = true;
    answers.ask('a', users);
    await pass(UNREAD_WHEN_SHORT_MAX_MS + LIST_INTERVAL_MS);
    answers.ask('b', users);
    await pass(0);
    expect(listsTo('a')).toHaveLength(1);
    expect(listsTo('b')).toHaveLength(1);
  });

  it('forgets a client that left', async () => {
    slow.add('b');
    answers.ask('a', users);
    answers.forget('a');
    answers.ask('b', users);
    await pass(0);
    answers.forget('b');
    await pass(10 * LIST_INTERVAL_MS);
    expect(listsTo('a')).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('owes nobody a list whose last one leaves while others are being answered', async () => {
    jest.useRealTimers(); // slices are cut by the real clock
    const rounds = async () => new Promise((resolve) => setTimeout(resolve, 2 * LIST_INTERVAL_MS));
    slow.add('a');
    answers.ask('a', users);
    await rounds();
    whenSending = (to) => {
      if (to !== 'b') return;
      slow.clear();
      setImmediate(() => unread.get('a')?.());
      const sliceEnd = performance.now() + 10;
      while (performance.now() < sliceEnd);
    };
    answers.ask('a', users); // its last list is unsent when the round passes it by ...
    answers.ask('b', users); // ... and leaves while the round is still busy with b
    await rounds();
    expect(listsTo('a')).toHaveLength(2);
  });
});
