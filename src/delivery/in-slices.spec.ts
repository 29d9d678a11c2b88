import { inSlices } from './in-slices.js';

/** Longer than a slice, on whatever machine. */
function keepBusy(): void {
  const end = performance.now() + 6;
  while (performance.now() < end);
}

describe('inSlices', () => {
  it('visits every item once, in order', async () => {
    const visited: number[] = [];
    await inSlices([1, 2, 3], (item) => visited.push(item));
    expect(visited).toEqual([1, 2, 3]);
  });

  it('has nothing to do for nothing', async () => {
    await inSlices([], () => {
      throw new Error('visited');
    });
  });

  it('starts at once, so that a short list is done before anything else happens', async () => {
    const visited: number[] = [];
    const done = inSlices([1], (item) => visited.push(item));
    expect(visited).toEqual([1]);
    await done;
  });

  it('lets others have their turn whenever a slice is used up', async () => {
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    await inSlices(Array.from({ length: 10 }), keepBusy);
    clearInterval(others);
    expect(turns).toBeGreaterThan(2);
  });

  it('visits what is added meanwhile, and not what is taken out', async () => {
    const items = new Set(['first', 'second', 'third']);
    const visited: string[] = [];
    await inSlices(items, (item) => {
      visited.push(item);
      if (item !== 'first') return;
      setImmediate(() => {
        items.delete('second');
        items.add('fourth');
      });
      keepBusy();
    });
    expect(visited).toEqual(['first', 'third', 'fourth']);
  });

  it('fails as its visitor does', async () => {
    const failing = inSlices([1], () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
  });
});
