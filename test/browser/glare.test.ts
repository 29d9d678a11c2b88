import { CallRegistry } from '../../src/calls/call-registry.js';
import { type DemoPage, DemoStage } from '../support/demo-page.js';

const ROUNDS = 10;

describe('two people who call each other in the same moment', () => {
  const stage = DemoStage.forThisFile();
  let ada: DemoPage;
  let grace: DemoPage;

  beforeEach(async () => {
    [ada, grace] = await stage.enter('Ada', 'Grace');
  });

  it('are in one call, every time', async () => {
    const calls = stage.server.app.get(CallRegistry);
    const pages = [ada, grace];
    // Both have clicked before either rings, however slow the machine.
    const permit = await Promise.all(pages.map((page) => page.holdPermission()));
    for (let round = 1; round <= ROUNDS; round += 1) {
      await ada.call(grace);
      await grace.call(ada);
      await Promise.all((round % 2 === 0 ? permit : permit.toReversed()).map((now) => now()));

      await Promise.all(pages.map((page) => page.reaches('connected')));
      expect(calls.size).toBe(1);
      expect(await Promise.all(pages.map((page) => page.shows('second')))).toEqual([false, false]);
      if (round === ROUNDS) {
        await Promise.all(pages.map((page) => page.receives('audio', 'video')));
      }
      await (round % 2 === 0 ? ada : grace).press('hang-up');
      await Promise.all(pages.map((page) => page.reaches('idle')));
      expect(calls.size).toBe(0);
    }
  }, 60_000);

  it('are in one call, too, while one of them has not given a permission yet', async () => {
    const permit = await ada.holdPermission();
    await ada.call(grace);
    await grace.call(ada);
    await grace.says(/Ringing/);
    await permit();
    await Promise.all([ada.receives('audio', 'video'), grace.receives('audio', 'video')]);
  });

  it('and of whom one thinks better of it are still called by the other', async () => {
    await ada.holdPermission();
    await ada.call(grace);
    await grace.call(ada);
    await grace.says(/Ringing/);
    expect(await ada.shows('second')).toBe(false);
    await ada.press('hang-up');
    await ada.reaches('incoming');
    await ada.press('decline');
    await grace.says(/Ada declined your call/);
  });
});
