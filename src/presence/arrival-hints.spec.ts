import { jest } from '@jest/globals';
import { HINT_INTERVAL_MS } from '../protocol/limits.js';
import type { Announcements } from './announcements.js';
import { ArrivalHints } from './arrival-hints.js';

describe('ArrivalHints', () => {
  let hints: ArrivalHints;
  let now: number;
  /** When each hint went out, and who was left out. */
  let announced: { at: number; exceptId: string | undefined }[];

  const pass = (ms: number) => {
    now += ms;
    jest.advanceTimersByTime(ms);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    announced = [];
    const announcements = {
      announce(event: string, args: unknown[], exceptId?: string) {
        expect([event, args]).toEqual(['userConnected', []]);
        announced.push({ at: now, exceptId });
      },
    };
    hints = new ArrivalHints(announcements as unknown as Announcements);
  });
  afterEach(() => jest.useRealTimers());

  it('tells everyone but the newcomer, at once', () => {
    hints.arrived('a');
    expect(announced).toEqual([{ at: 0, exceptId: 'a' }]);
    pass(10 * HINT_INTERVAL_MS);
    expect(announced).toHaveLength(1);
  });

  it('tells once of all who follow within the interval, when it is over, and tells them too', () => {
    hints.arrived('a');
    pass(1);
    hints.arrived('b');
    hints.arrived('c');
    pass(HINT_INTERVAL_MS - 2);
    expect(announced).toHaveLength(1);
    pass(1);
    expect(announced.slice(1)).toEqual([{ at: HINT_INTERVAL_MS, exceptId: undefined }]);
  });

  it('does not tell a newcomer that nobody came with, however often it registers', () => {
    hints.arrived('a');
    hints.arrived('b');
    hints.arrived('b');
    pass(HINT_INTERVAL_MS);
    expect(announced.slice(1)).toEqual([{ at: HINT_INTERVAL_MS, exceptId: 'b' }]);
  });

  it('keeps the interval between any two, in a stream of arrivals', () => {
    for (let i = 0; i < 100; i += 1) {
      hints.arrived(`peer ${i}`);
      pass(HINT_INTERVAL_MS / 10);
    }
    pass(HINT_INTERVAL_MS);
    expect(announced.map(({ at }) => at / HINT_INTERVAL_MS)).toEqual([...Array(11).keys()]);
  });

  it('tells at once again after a quiet interval', () => {
    hints.arrived('a');
    pass(HINT_INTERVAL_MS);
    hints.arrived('b');
    expect(announced.slice(1)).toEqual([{ at: HINT_INTERVAL_MS, exceptId: 'b' }]);
  });

  it('does not tell of somebody who left meanwhile', () => {
    hints.arrived('a');
    hints.arrived('b');
    hints.forget('b');
    pass(HINT_INTERVAL_MS);
    expect(announced).toHaveLength(1);
  });
});
