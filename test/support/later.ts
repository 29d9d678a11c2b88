import { jest } from '@jest/globals';

/**
 * From now on, until the mocks are restored, whatever measures time by `performance` finds that so
 * much more has passed. Timers that run go on as they are.
 */
export function laterBy(ms: number): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}
