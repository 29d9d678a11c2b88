import { jest } from '@jest/globals';
import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { Expulsion } from '../presence/expulsion.js';
import type { PresenceService } from '../presence/presence.service.js';
import type { Authentication } from './authentication.js';
import { TokenLife } from './token-life.js';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

describe('TokenLife', () => {
  let life: TokenLife;
  /** What happened to whom, and after how many seconds. */
  let happened: [after: number, what: string, to: string][];
  let whenExpelling: () => void;

  const pass = (ms: number) => jest.advanceTimersByTime(ms);
  const follow = (id: string, ms: number) => life.follow(id, Date.now() + ms);

  beforeEach(() => {
    jest.useFakeTimers();
    const startMs = Date.now();
    const record = (what: string, to: string) =>
      happened.push([Math.round((Date.now() - startMs) / SECOND_MS), what, to]);
    happened = [];
    whenExpelling = () => undefined;
    life = new TokenLife(
      {} as Authentication,
      {} as PresenceService,
      { send: (to: string, event: string) => record(event, to) } as unknown as PeerMessenger,
      {
        expel(to: string, code: string) {
          record(code, to);
          whenExpelling();
        },
      } as unknown as Expulsion,
    );
  });
  afterEach(() => jest.useRealTimers());

  it('warns once, a minute before the end', () => {
    follow('a', 600 * SECOND_MS);
    pass(700 * SECOND_MS);
    expect(happened).toEqual([
      [540, 'tokenExpiring', 'a'],
      [600, 'token_expired', 'a'],
    ]);
  });

  it('warns at once when less than a minute is left', () => {
    follow('a', 20 * SECOND_MS);
    expect(happened).toEqual([[0, 'tokenExpiring', 'a']]);
    pass(30 * SECOND_MS);
    expect(happened.slice(1)).toEqual([[20, 'token_expired', 'a']]);
  });

  it('lets a token last for as long as no timer could', () => {
    follow('a', 60 * DAY_MS);
    pass(60 * DAY_MS - 61 * SECOND_MS);
    expect(happened).toEqual([]);
    pass(2 * SECOND_MS);
    expect(happened.map(([, what]) => what)).toEqual(['tokenExpiring']);
  });

  it('gives one that was let in only because clocks differ what is left of that', () => {
    follow('a', -2 * SECOND_MS);
    pass(2 * SECOND_MS);
    expect(happened).toEqual([[0, 'tokenExpiring', 'a']]);
    pass(2 * SECOND_MS);
    expect(happened.slice(1)).toEqual([[3, 'token_expired', 'a']]);
  });

  it('starts anew with another token, its warning included', () => {
    follow('a', 30 * SECOND_MS);
    pass(20 * SECOND_MS);
    follow('a', 100 * SECOND_MS);
    pass(200 * SECOND_MS);
    expect(happened).toEqual([
      [0, 'tokenExpiring', 'a'],
      [60, 'tokenExpiring', 'a'],
      [120, 'token_expired', 'a'],
    ]);
  });

  it('takes one timer for all, and none when nobody is left', () => {
    for (let i = 0; i < 1_000; i += 1) follow(`peer ${i}`, DAY_MS);
    expect(jest.getTimerCount()).toBe(1);
    for (let i = 0; i < 1_000; i += 1) life.forget(`peer ${i}`);
    expect(jest.getTimerCount()).toBe(0);
    follow('late', SECOND_MS);
    pass(2 * SECOND_MS);
    expect(happened.at(-1)).toEqual([1, 'token_expired', 'late']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('lets others have their turn while it closes many', async () => {
    jest.useRealTimers(); // slices are cut by the real clock
    const expelled: string[] = [];
    let inOneTurn = 0;
    let mostInOneTurn = 0;
    const others = setInterval(() => (inOneTurn = 0));
    whenExpelling = () => {
      expelled.push('');
      inOneTurn += 1;
      mostInOneTurn = Math.max(mostInOneTurn, inOneTurn);
      const end = performance.now() + 5;
      while (performance.now() < end);
    };
    for (let i = 0; i < 50; i += 1) follow(`peer ${i}`, 10);
    await new Promise((resolve) => setTimeout(resolve, 2 * SECOND_MS));
    clearInterval(others);
    expect(expelled).toHaveLength(50);
    expect(mostInOneTurn).toBeLessThan(10);
  });
});
