import { newCall } from '../../test/support/calls.js';
import { type Call, type CallState, newRinging } from './call.js';
import { CallRegistry } from './call-registry.js';

let registry: CallRegistry;

beforeEach(() => {
  registry = new CallRegistry();
});

function addCall(id: string, callerUserId: string, calleeUserId: string, state: CallState): Call {
  const call = newCall({ id, callerUserId, calleeUserId, state });
  registry.add(call);
  return call;
}

const between = (user: string, other: string) => registry.between('', user, other);

const anaToBen = () => addCall('1', 'ana', 'ben', newRinging('ana-1', ['ben-1', 'ben-2']));

/** Ben answers on his first device. */
function claim(call: Call): void {
  call.state = {
    phase: 'accepted',
    caller: 'ana-1',
    callee: 'ben-1',
    lost: new Set(['ben-2']),
  };
}

it('knows a call by its users, whoever called', () => {
  const call = anaToBen();
  expect(between('ana', 'ben')).toBe(call);
  expect(between('ben', 'ana')).toBe(call);
  expect(between('ana', 'carl')).toBeUndefined();
  expect(between('ana', 'ana')).toBeUndefined();
});

it('takes users of the same name in two tenants for different ones', () => {
  const here = newCall({ id: '1', tenant: 'here', state: newRinging('ana-1', ['ben-1']) });
  const there = newCall({ id: '2', tenant: 'there', state: newRinging('ana-2', ['ben-2']) });
  registry.add(here);
  registry.add(there);
  const { callerUserId: caller, calleeUserId: callee } = here;
  expect(registry.between('here', caller, callee)).toBe(here);
  registry.remove(here);
  expect(registry.between('there', callee, caller)).toBe(there);
  expect(registry.between('here', caller, callee)).toBeUndefined();
});

it('knows who talks: the two of an answered call, and nobody who is only rung', () => {
  const call = anaToBen();
  const talking = () => ['ana-1', 'ben-1', 'ben-2'].filter((device) => registry.isTalking(device));
  expect(talking()).toEqual([]);
  claim(call);
  expect(talking()).toEqual(['ana-1', 'ben-1']);
  registry.remove(call);
  expect(talking()).toEqual([]);
});

it('takes no two pairs of users for the same, however their ids read', () => {
  const ids = ['a', 'b', 'c', 'a,b', 'b,c', 'a","b', 'b","c', ''];
  const pairs = ids.flatMap((one, i) => ids.slice(i + 1).map((other) => [one, other] as const));
  const calls = pairs.map(([one, other], i) =>
    addCall(String(i), one, other, newRinging(`${i} calls`, [`${i} rings`])),
  );
  expect(pairs.map(([one, other]) => between(one, other))).toEqual(calls);
  expect(new Set(pairs.map(([one, other]) => between(other, one)))).toEqual(new Set(calls));
});

it('finds a call by its id only for the devices that have to do with it', () => {
  const call = anaToBen();
  for (const device of ['ana-1', 'ben-1', 'ben-2']) expect(registry.find('1', device)).toBe(call);
  expect(registry.find('1', 'ana-2')).toBeUndefined();
  expect(registry.find('1', 'carl')).toBeUndefined();
  expect(registry.find('2', 'ana-1')).toBeUndefined();
});

it('lists all calls of a device', () => {
  const first = anaToBen();
  const second = addCall('2', 'carl', 'ben', newRinging('carl-1', ['ben-1']));
  expect([...registry.of('ben-1')]).toEqual([first, second]);
  expect([...registry.of('ben-2')]).toEqual([first]);
  expect([...registry.of('carl-1')]).toEqual([second]);
  expect([...registry.of('nobody')]).toEqual([]);
  expect(registry.size).toBe(2);
});

it('links a device to those at the other end, and to no others', () => {
  const call = anaToBen();
  expect(registry.linking('ana-1', 'ben-1')).toBe(call);
  expect(registry.linking('ana-1', 'ben-2')).toBe(call);
  expect(registry.linking('ben-2', 'ana-1')).toBe(call);
  expect(registry.linking('ben-1', 'ben-2')).toBeUndefined();
  expect(registry.linking('ana-1', 'carl')).toBeUndefined();
  expect(registry.linking('carl', 'ana-1')).toBeUndefined();
});

it('picks the right one of several calls of a device', () => {
  const first = anaToBen();
  const second = addCall('2', 'ana', 'carl', newRinging('ana-1', ['carl-1']));
  expect(registry.linking('ana-1', 'ben-1')).toBe(first);
  expect(registry.linking('ana-1', 'carl-1')).toBe(second);
});

it('still leads a device that lost to its call, but does not call it engaged', () => {
  const call = anaToBen();
  expect(['ana-1', 'ben-1', 'ben-2'].map((device) => registry.isEngaged(device))).toEqual([
    true,
    true,
    true,
  ]);
  claim(call);
  expect(registry.find('1', 'ben-2')).toBe(call);
  expect(registry.linking('ben-2', 'ana-1')).toBe(call);
  expect(registry.linking('ana-1', 'ben-2')).toBeUndefined();
  expect(['ana-1', 'ben-1', 'ben-2'].map((device) => registry.isEngaged(device))).toEqual([
    true,
    true,
    false,
  ]);
});

it.each([
  { when: 'while it rings', before: () => undefined },
  { when: 'once it was claimed', before: claim },
])('keeps nothing of a call that is removed $when', ({ before }) => {
  const call = anaToBen();
  before(call);
  registry.remove(call);
  expect(registry.size).toBe(0);
  expect(between('ana', 'ben')).toBeUndefined();
  for (const device of ['ana-1', 'ben-1', 'ben-2']) {
    // Not even an empty list: there would be one more for every device that ever called.
    expect(registry.of(device)).toBe(registry.of('nobody'));
    expect(registry.find('1', device)).toBeUndefined();
    expect(registry.isEngaged(device)).toBe(false);
  }
});

it('forgets one device of a call, and no other call of that device', () => {
  const call = anaToBen();
  const other = addCall('2', 'carl', 'ben', newRinging('carl-1', ['ben-2']));
  registry.forget('ben-2', call);
  expect(registry.find('1', 'ben-2')).toBeUndefined();
  expect(registry.find('1', 'ben-1')).toBe(call);
  expect(registry.find('2', 'ben-2')).toBe(other);
  registry.forget('nobody', call);
});

describe('the ring that gives way', () => {
  const ringsFrom = (...sources: string[]): Call[] =>
    sources.map((callerSource, i) => {
      const state = newRinging(`caller-${i}`, ['ben-1']);
      const call = newCall({ id: `${i}`, callerUserId: `user ${i}`, callerSource, state });
      registry.add(call);
      return call;
    });

  it.each([
    ['the oldest of who has the most', ['b', 'a', 'a', 'a'], 'c', 1],
    ['the older one of two who have as many', ['b', 'a', 'b', 'a'], 'c', 0],
    ['none, if the newcomer would then have as many', ['a', 'a', 'b', 'b'], 'b', undefined],
    ['none, if the newcomer has the most', ['a', 'a', 'a', 'b'], 'a', undefined],
    ['none, if each has one', ['a', 'b', 'c', 'd'], 'e', undefined],
    ['none, if none rings', [], 'a', undefined],
  ])('is %s', (_, sources, newcomer, expected) => {
    const calls = ringsFrom(...sources);
    const found = registry.ringToDisplace('ben-1', newcomer);
    expect(found).toBe(expected === undefined ? undefined : calls[expected]);
  });

  it('is no call that was answered', () => {
    for (const call of ringsFrom('a', 'a', 'a')) {
      call.state = { phase: 'accepted', caller: call.id, callee: 'ben-1', lost: new Set() };
    }
    expect(registry.ringToDisplace('ben-1', 'b')).toBeUndefined();
  });
});
