import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AckRequest } from '../delivery/ack-request.js';
import type { PeerMessenger } from '../delivery/peer-messenger.js';
import type { Expulsion } from '../presence/expulsion.js';
import { EXCEPTION_INTERVAL_MS } from '../protocol/limits.js';
import { SIGNALING_ERRORS, SignalingError } from '../protocol/signaling-error.js';
import type { RateLimiter } from '../rate-limit/rate-limiter.js';
import type { Journal } from './journal.js';
import { Refusals } from './refusals.js';

describe('Refusals', () => {
  let refusals: Refusals;
  let told: { to: string; event: string; exception: { code: string; message: string } }[];
  let gone: Set<string>;
  const request = new AckRequest(1);
  const acknowledge = jest.fn<PeerMessenger['acknowledge']>();

  const codesTo = (id: string) =>
    told.filter(({ to }) => to === id).map(({ exception }) => exception.code);

  beforeEach(() => {
    jest.useFakeTimers();
    told = [];
    gone = new Set();
    acknowledge.mockClear();
    const messenger = {
      send(to: string, event: string, exception: (typeof told)[number]['exception']) {
        if (gone.has(to)) return false;
        told.push({ to, event, exception });
        return true;
      },
      acknowledge,
    };
    refusals = new Refusals(
      messenger as unknown as PeerMessenger,
      {} as Expulsion,
      { isAbusive: () => false } as unknown as RateLimiter,
      { refused: () => undefined } as unknown as Journal,
    );
  });
  afterEach(() => jest.useRealTimers());

  describe('of a message that asked for an acknowledgement', () => {
    it('are the acknowledgement: code and message, and nothing else', () => {
      refusals.refuse('a', 'call', request, new SignalingError('unavailable'));
      const { message } = SIGNALING_ERRORS.unavailable;
      const reply = { ok: false, error: { code: 'unavailable', message } };
      expect(acknowledge.mock.calls).toEqual([['a', request, reply]]);
      expect(told).toEqual([]);
    });

    it('are never withheld', () => {
      for (let i = 0; i < 100; i += 1) {
        refusals.refuse('a', 'call', request, new SignalingError('unavailable'));
      }
      expect(acknowledge).toHaveBeenCalledTimes(100);
    });
  });

  describe('of a message that asked for none', () => {
    const refuse = (id: string, code: ConstructorParameters<typeof SignalingError>[0]) =>
      refusals.refuse(id, 'call', undefined, new SignalingError(code));

    it('are an exception that says which event it is about', () => {
      refusals.refuse('a', 'call', undefined, new SignalingError('invalid_payload', 'to is odd'));
      expect(told).toEqual([
        {
          to: 'a',
          event: 'exception',
          exception: {
            status: 'error',
            code: 'invalid_payload',
            message: 'to is odd',
            cause: { pattern: 'call' },
          },
        },
      ]);
    });

    it.each([
      ['x'.repeat(10_000), 'x'.repeat(32)],
      [undefined, 'undefined'],
      [42, '42'],
    ])('do not echo a made-up event name at length', (event, pattern) => {
      refusals.refuse('a', event, undefined, new SignalingError('unknown_event'));
      expect(told).toMatchObject([{ exception: { cause: { pattern } } }]);
    });

    it('come at most once a second in a flood, of which the last is told, too', () => {
      refuse('a', 'unavailable');
      for (let i = 0; i < 1_000; i += 1) refuse('a', 'invalid_payload');
      refuse('a', 'unknown_event');
      expect(codesTo('a')).toEqual(['unavailable']);

      jest.advanceTimersByTime(EXCEPTION_INTERVAL_MS - 1);
      expect(codesTo('a')).toEqual(['unavailable']);
      jest.advanceTimersByTime(1);
      expect(codesTo('a')).toEqual(['unavailable', 'unknown_event']);

      refuse('a', 'call_not_found');
      jest.advanceTimersByTime(EXCEPTION_INTERVAL_MS - 1);
      expect(codesTo('a')).toHaveLength(2);
      jest.advanceTimersByTime(1);
      expect(codesTo('a')).toEqual(['unavailable', 'unknown_event', 'call_not_found']);
    });

    it('come at once again after a quiet second, and leave nothing behind', () => {
      refuse('a', 'unavailable');
      jest.advanceTimersByTime(EXCEPTION_INTERVAL_MS);
      expect(jest.getTimerCount()).toBe(0);
      refuse('a', 'unknown_event');
      expect(codesTo('a')).toEqual(['unavailable', 'unknown_event']);
    });

    it('reach one connection whatever another one does', () => {
      refuse('a', 'unavailable');
      refuse('a', 'unavailable');
      refuse('b', 'unknown_event');
      expect(codesTo('b')).toEqual(['unknown_event']);
    });

    it('keep nothing for a connection that is gone', () => {
      gone.add('a');
      refuse('a', 'unavailable');
      expect(jest.getTimerCount()).toBe(0);
    });

    it('stop when the connection goes in the middle of a flood', () => {
      refuse('a', 'unavailable');
      refuse('a', 'unavailable');
      gone.add('a');
      jest.advanceTimersByTime(10 * EXCEPTION_INTERVAL_MS);
      expect(codesTo('a')).toEqual(['unavailable']);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  it('of a fault of our own say nothing of it to the client, and everything to the log', () => {
    const log = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const fault = new TypeError('cannot read the secret of undefined');
    refusals.refuse('a', 'call', request, fault);
    const { message } = SIGNALING_ERRORS.internal_error;
    const reply = { ok: false, error: { code: 'internal_error', message } };
    expect(acknowledge).toHaveBeenCalledWith('a', request, reply);
    expect(log).toHaveBeenCalledWith({
      event: 'handler failed',
      connectionId: 'a',
      name: 'TypeError',
      at: expect.arrayContaining([expect.stringContaining('refusals.spec.ts')]) as unknown,
    });
    log.mockRestore();
  });
});
