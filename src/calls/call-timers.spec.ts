import { newCall } from '../../test/support/calls.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Settings } from '../config/settings.js';
import { CALL_MAX_AGE_MS } from '../protocol/limits.js';
import { CallTimers } from './call-timers.js';

const RING_MS = 45_000;
const CONNECT_MS = 30_000;

/** Wakes everybody a moment too early, once, as a clock of the system may. */
class HastyClock extends ManualClock {
  hasty = true;

  override after(delayMs: number, act: () => void): () => void {
    const early = this.hasty ? 1 : 0;
    this.hasty = false;
    return super.after(delayMs - early, act);
  }
}

function setUp(clock = new ManualClock()): {
  clock: ManualClock;
  timers: CallTimers;
  due: string[];
} {
  const timers = new CallTimers(Settings.from({}), clock);
  const due: string[] = [];
  timers.due.subscribe(({ call, deadline }) => due.push(`${call.id} ${deadline} ${clock.nowMs()}`));
  return { clock, timers, due };
}

it('tells of each deadline once, when it is due, in the order of time', () => {
  const { clock, timers, due } = setUp();
  const [first, second] = [newCall({ id: 'first' }), newCall({ id: 'second' })];
  timers.start(first, 'ring');
  clock.advance(10_000);
  timers.start(second, 'ring');
  timers.start(first, 'connect');
  clock.advance(RING_MS + CONNECT_MS);
  expect(due).toEqual([
    `first connect ${10_000 + CONNECT_MS}`,
    `first ring ${RING_MS}`,
    `second ring ${10_000 + RING_MS}`,
  ]);
});

it('tells of calls that are due at once in the order in which they began', () => {
  const { clock, timers, due } = setUp();
  for (const id of ['1', '2', '3']) timers.start(newCall({ id }), 'ring');
  clock.advance(RING_MS - 1);
  expect(due).toEqual([]);
  clock.advance(1);
  expect(due).toEqual([`1 ring ${RING_MS}`, `2 ring ${RING_MS}`, `3 ring ${RING_MS}`]);
});

it('does not tell of what was stopped', () => {
  const { clock, timers, due } = setUp();
  const [stopped, ended, ringing] = [
    newCall({ id: 'stopped' }),
    newCall({ id: 'ended' }),
    newCall({ id: 'ringing' }),
  ];
  for (const call of [stopped, ended, ringing]) {
    timers.start(call, 'age');
    timers.start(call, 'ring');
  }
  timers.stop(stopped, 'ring');
  timers.stopAll(ended);
  clock.advance(CALL_MAX_AGE_MS);
  expect(due).toEqual([
    `ringing ring ${RING_MS}`,
    `stopped age ${CALL_MAX_AGE_MS}`,
    `ringing age ${CALL_MAX_AGE_MS}`,
  ]);
});

it('waits on when it is woken early, by the clock or for a call that is over', () => {
  const { clock, timers, due } = setUp(new HastyClock());
  const [over, running] = [newCall({ id: 'over' }), newCall({ id: 'running' })];
  timers.start(over, 'ring');
  clock.advance(1_000);
  timers.start(running, 'ring');
  clock.advance(RING_MS - 1_001);
  expect(due).toEqual([]);
  clock.advance(1);
  expect(due).toEqual([`over ring ${RING_MS}`]);

  const late = newCall({ id: 'late' });
  timers.start(late, 'ring');
  timers.stop(running, 'ring');
  clock.advance(RING_MS - 1);
  expect(due).toHaveLength(1);
  clock.advance(1);
  expect(due).toEqual([`over ring ${RING_MS}`, `late ring ${2 * RING_MS}`]);
});

it('sets one timer for any number of calls, and none without calls', () => {
  const { clock, timers } = setUp();
  expect(clock.pending).toBe(0);
  const calls = Array.from({ length: 1_000 }, (_, i) => newCall({ id: String(i) }));
  for (const call of calls) {
    timers.start(call, 'age');
    timers.start(call, 'ring');
    timers.start(call, 'connect');
    expect(clock.pending).toBe(1);
    clock.advance(1);
  }
  for (const call of calls) {
    expect(clock.pending).toBe(1);
    timers.stopAll(call);
  }
  expect(clock.pending).toBe(0);
});

it('moves its timer forward for what is due sooner', () => {
  const { clock, timers, due } = setUp();
  const call = newCall({ id: 'a' });
  timers.start(call, 'age');
  timers.start(call, 'ring');
  timers.start(call, 'connect');
  expect(clock.pending).toBe(1);
  clock.advance(CONNECT_MS);
  expect(due).toEqual([`a connect ${CONNECT_MS}`]);
});

it('works again after it was idle', () => {
  const { clock, timers, due } = setUp();
  const [first, second] = [newCall({ id: 'first' }), newCall({ id: 'second' })];
  timers.start(first, 'age');
  timers.start(first, 'ring');
  timers.stopAll(first);
  clock.advance(1_000);
  timers.start(second, 'ring');
  clock.advance(RING_MS);
  expect(due).toEqual([`second ring ${1_000 + RING_MS}`]);
});

it('can be told to stop or start while it tells of a deadline', () => {
  const clock = new ManualClock();
  const timers = new CallTimers(Settings.from({}), clock);
  const [first, second] = [newCall({ id: 'first' }), newCall({ id: 'second' })];
  const due: string[] = [];
  timers.due.subscribe(({ call }) => {
    due.push(call.id);
    timers.stopAll(first);
    timers.stopAll(second);
  });
  for (const call of [first, second]) {
    timers.start(call, 'age');
    timers.start(call, 'ring');
  }
  clock.advance(RING_MS);
  expect(due).toEqual(['first']);
  expect(clock.pending).toBe(0);
});

it('knows the time left until the call would end by itself, and never less than none', () => {
  const { clock, timers } = setUp();
  const call = newCall({ id: 'a' });
  timers.start(call, 'age');
  timers.start(call, 'ring');
  clock.advance(1_000.4);
  expect(timers.leftMs(call)).toBe(RING_MS - 1_000);
  timers.stop(call, 'ring');
  timers.start(call, 'connect');
  expect(timers.leftMs(call)).toBe(CONNECT_MS);
  timers.stop(call, 'connect');
  expect(timers.leftMs(call)).toBe(CALL_MAX_AGE_MS - 1_000);
  timers.stopAll(call);
  expect(timers.leftMs(call)).toBe(0);
});

it('takes the times from the settings', () => {
  const clock = new ManualClock();
  const settings = Settings.from({ RING_TIMEOUT_SECONDS: '7', CONNECT_TIMEOUT_SECONDS: '5' });
  const timers = new CallTimers(settings, clock);
  const call = newCall({ id: 'a' });
  timers.start(call, 'connect');
  expect(timers.leftMs(call)).toBe(5_000);
  timers.start(call, 'ring');
  expect(timers.leftMs(call)).toBe(7_000);
});

it('leaves no timer behind when the server stops', () => {
  const { clock, timers } = setUp();
  timers.start(newCall({ id: 'a' }), 'ring');
  timers.onApplicationShutdown();
  expect(clock.pending).toBe(0);
});
