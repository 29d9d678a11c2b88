import { setTimeout } from 'node:timers/promises';

/** Waits until the assertion holds; fails with its last error if it never does. */
export async function eventually(
  assertion: () => void | Promise<void>,
  withinMs = 5_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await setTimeout(10);
    }
  }
}
