import { setImmediate } from 'node:timers/promises';

/** How long everybody else may wait for a message because a presence flush is under way. */
const SLICE_MS = 4;
/** How many packets to queue in one: writing them takes its time once the slice is over. */
export const PACKETS_PER_SLICE = 500;

/**
 * Visits every item, letting the event loop breathe whenever a slice is used up: by the time that it
 * took, or by the number of items, since what they queue for writing takes its time only afterwards.
 */
export async function inSlices<T>(
  items: Iterable<T>,
  visit: (item: T) => void,
  maxItems = Infinity,
): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  let left = maxItems;
  for (const item of items) {
    visit(item);
    left -= 1;
    if (left > 0 && performance.now() < sliceEnd) continue;
    await setImmediate();
    left = maxItems;
    sliceEnd = performance.now() + SLICE_MS;
  }
}
