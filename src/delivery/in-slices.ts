import { setImmediate } from 'node:timers/promises';

/** How long everybody else may wait for a message because a presence flush is under way. */
const SLICE_MS = 4;

/** Visits every item, letting the event loop breathe whenever a slice is used up. */
export async function inSlices<T>(items: Iterable<T>, visit: (item: T) => void): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  for (const item of items) {
    visit(item);
    if (performance.now() < sliceEnd) continue;
    await setImmediate();
    sliceEnd = performance.now() + SLICE_MS;
  }
}
