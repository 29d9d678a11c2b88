import { type DemoPage, DemoStage } from '../support/demo-page.js';
import { eventually } from '../support/eventually.js';

describe('two people on the demo page', () => {
  const stage = DemoStage.forThisFile();
  let ada: DemoPage;
  let grace: DemoPage;

  beforeEach(async () => {
    [ada, grace] = await stage.enter('Ada', 'Grace');
  });

  it('see each other, call, accept, see and hear each other, and hang up', async () => {
    await ada.call(grace);
    await grace.reaches('incoming');
    expect(await grace.text('incoming-name')).toBe('Ada');
    await ada.says(/Ringing: waiting for Grace to answer/);
    expect(await ada.text('progress')).toBe('Ringing…');

    await grace.press('accept');
    await Promise.all([ada.reaches('connected'), grace.reaches('connected')]);
    await Promise.all([ada.receives('audio', 'video'), grace.receives('audio', 'video')]);
    await ada.says(/You are connected with Grace/);
    await eventually(async () => expect(await ada.text('progress')).toMatch(/^00:0[1-9]$/));

    await grace.press('hang-up');
    await ada.says(/Grace hung up/);
    await grace.says(/You ended the call/);
    await Promise.all([ada.reaches('idle'), grace.reaches('idle')]);
  });

  it('hear it ring on both sides, and not a moment longer', async () => {
    await ada.call(grace);
    await ada.says(/Ringing/);
    expect(await ada.tones()).toBe(1);
    expect(await grace.tones()).toBe(1);

    await grace.press('accept');
    await Promise.all([ada.reaches('connected'), grace.reaches('connected')]);
    expect(await ada.tones()).toBe(0);
    expect(await grace.tones()).toBe(0);
  });

  it('are told when the other side vanishes', async () => {
    await ada.talkTo(grace);
    await Promise.all([ada.receives('video'), grace.receives('video')]);

    await grace.page.close();
    await ada.says(/Grace was disconnected, and the call ended/);
    await ada.reaches('idle');
    await ada.until((count) => document.querySelectorAll('#users li').length === count, 0);
  });

  it('hear and see nothing of somebody who is muted and has the camera off', async () => {
    await ada.talkTo(grace);
    await grace.receives('audio', 'video');
    await eventually(async () => expect((await grace.received()).audioEnergy).toBeGreaterThan(0));

    await ada.press('mute');
    await ada.press('camera');
    expect(await ada.sends()).toEqual({ audio: false, video: false });
    await eventually(async () => expect((await grace.received()).brightness).toBeLessThan(10));
    await grace.hearsSilence();

    await ada.press('mute');
    await ada.press('camera');
    expect(await ada.sends()).toEqual({ audio: true, video: true });
    await grace.receives('audio', 'video');
  });

  it('need nothing but a keyboard', async () => {
    await ada.page.locator('#users button').focus();
    await ada.page.keyboard.press('Enter');
    await grace.reaches('incoming');
    // The panel has the focus, none of its buttons: a key held down must not answer.
    expect(await grace.page.evaluate(() => document.activeElement?.id)).toBe('incoming');
    await grace.page.keyboard.press('Tab');
    await grace.page.keyboard.press('Tab');
    expect(await grace.page.evaluate(() => document.activeElement?.id)).toBe('accept');
    await grace.page.keyboard.press('Enter');
    await Promise.all([ada.reaches('connected'), grace.reaches('connected')]);

    expect(await grace.page.evaluate(() => document.activeElement?.id)).toBe('call');
    for (const button of ['mute', 'camera', 'hang-up']) {
      await grace.page.keyboard.press('Tab');
      expect(await grace.page.evaluate(() => document.activeElement?.id)).toBe(button);
    }
    await grace.page.keyboard.press('Space');
    await ada.says(/Grace hung up/);
  });
});
