import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { RequestQueue } from './request-queue.js';

const newSocket = (): Socket => {
  const socket = { destroyed: false, destroy: () => (socket.destroyed = true) };
  return socket as unknown as Socket;
};

describe('RequestQueue', () => {
  it('handles one request in a turn of the event loop, in the order of their coming', async () => {
    const queue = new RequestQueue();
    const handled: number[] = [];
    for (const index of [0, 1, 2]) queue.add(newSocket(), false, () => handled.push(index));
    const seen: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      seen.push(handled.length);
      await setImmediate();
    }
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(handled).toEqual([0, 1, 2]);
  });

  it('cuts off a connection that asks on and on without waiting for an answer', async () => {
    const queue = new RequestQueue();
    const socket = newSocket();
    let handled = 0;
    for (let i = 0; i < 8; i += 1) {
      expect(queue.count(socket)).toBe(true);
      queue.add(socket, false, () => (handled += 1));
    }
    expect(queue.count(socket)).toBe(false);
    expect(socket.destroyed).toBe(true);
    expect(queue.count(socket)).toBe(false);
    await setImmediate();
    expect(handled).toBe(0);
  });

  it('lets one ask again once it is answered', () => {
    const queue = new RequestQueue();
    const socket = newSocket();
    for (let i = 0; i < 100; i += 1) {
      expect(queue.count(socket)).toBe(true);
      queue.answered(socket);
    }
    expect(socket.destroyed).toBe(false);
  });

  it('gives no turn to those who are gone', async () => {
    const queue = new RequestQueue();
    const gone = Array.from({ length: 50 }, newSocket);
    let handled = 0;
    for (const socket of gone) queue.add(socket, false, () => (handled += 100));
    for (const socket of gone) socket.destroy();
    queue.add(newSocket(), false, () => (handled += 1));
    await setImmediate();
    expect(handled).toBe(1);
    queue.add(newSocket(), false, () => (handled += 1));
    await setImmediate();
    expect(handled).toBe(2);
  });

  it('handles the requests of sessions first', async () => {
    const queue = new RequestQueue();
    const handled: string[] = [];
    for (const what of ['page', 'page']) queue.add(newSocket(), false, () => handled.push(what));
    for (const what of ['poll', 'post']) queue.add(newSocket(), true, () => handled.push(what));
    await setImmediate();
    expect(handled).toEqual(['poll', 'post', 'page']);
  });
});
