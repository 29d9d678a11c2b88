import { type Devices, DemoStage } from '../support/demo-page.js';

describe('without a camera or a microphone', () => {
  const stage = DemoStage.forThisFile();

  const receiveOnly: [Devices, RegExp][] = [
    [{ fails: 'NotAllowedError' }, /only see and hear.*permission was refused/],
    [{ fails: 'NotFoundError' }, /only see and hear.*no camera or microphone/],
  ];

  it.each(receiveOnly)('%j: one still sees and hears, calling or called', async (devices, note) => {
    const [grace] = await stage.enter('Grace');
    const ada = await stage.open('Ada', devices);
    await ada.join();

    await ada.talkTo(grace);
    await ada.receives('audio', 'video');
    expect(await ada.text('media-note')).toMatch(note);
    expect(await ada.page.isDisabled('#mute')).toBe(true);
    expect(await ada.page.isDisabled('#camera')).toBe(true);
    await ada.press('hang-up');
    await grace.says(/Ada hung up/);

    await grace.talkTo(ada);
    await ada.receives('audio', 'video');
    expect(await ada.sends()).toEqual({});
  });

  it('two who can only receive are connected all the same', async () => {
    const devices: Devices = { fails: 'NotFoundError' };
    const [ada, grace] = await Promise.all([
      stage.open('Ada', devices),
      stage.open('Grace', devices),
    ]);
    await ada.join();
    await grace.join();
    await ada.talkTo(grace);
  });

  it('sound alone, or a picture alone, is sent', async () => {
    const ada = await stage.open('Ada', { only: 'audio' });
    const grace = await stage.open('Grace', { only: 'video' });
    await ada.join();
    await grace.join();
    await ada.talkTo(grace);
    await ada.receives('video');
    await grace.receives('audio');
    expect(await ada.text('media-note')).toMatch(/Sound only/);
    expect(await grace.text('media-note')).toMatch(/Picture only/);
    expect(await ada.sends()).toEqual({ audio: true });
    expect(await grace.sends()).toEqual({ video: true });
  });
});
