import { setTimeout } from 'node:timers/promises';

/** Most waits are over at once; a longer one leaves the time to what it waits for. */
const PAUSES_MS = [1, 2, 4];
const LONGEST_PAUSE_MS = 10;

/** Waits until the assertion holds; fails with its last error if it never does. */
export async function eventually(
  assertion: () => void | Promise<void>,
  withinMs = 5_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await setTimeout(PAUSES_MS[attempt] ?? LONGEST_PAUSE_MS);
    }
  }
}
