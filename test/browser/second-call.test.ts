import { type DemoPage, DemoStage } from '../support/demo-page.js';

describe('a second call on the demo page', () => {
  const stage = DemoStage.forThisFile();
  let ada: DemoPage;
  let grace: DemoPage;
  let edsger: DemoPage;

  /** Ada and Grace talk; Edsger calls Ada. */
  beforeEach(async () => {
    [ada, grace, edsger] = await stage.enter('Ada', 'Grace', 'Edsger');
    await ada.talkTo(grace);
    await edsger.call(ada);
    await edsger.says(/Ringing/);
    await ada.says(/Edsger is calling you/);
  });

  it('is shown beside the first, which goes on', async () => {
    expect(await ada.shows('second')).toBe(true);
    expect(await ada.text('second-name')).toBe('Edsger');
    expect(await ada.shows('hang-up')).toBe(true);
    await Promise.all([ada.receives('audio', 'video'), grace.receives('audio', 'video')]);
  });

  it('is declined as busy', async () => {
    await ada.press('second-decline');
    await edsger.says(/Ada is busy in another call/);
    await edsger.reaches('idle');
    expect(await ada.shows('second')).toBe(false);
    expect(await ada.tones()).toBe(0);
    await Promise.all([ada.receives('video'), grace.receives('video')]);
  });

  it('is accepted by hanging up on the first', async () => {
    await ada.press('second-accept');
    await grace.says(/Ada hung up/);
    await grace.reaches('idle');
    await Promise.all([ada.reaches('connected'), edsger.reaches('connected')]);
    await Promise.all([ada.receives('audio', 'video'), edsger.receives('audio', 'video')]);
    expect(await ada.text('remote-name')).toBe('Edsger');
    expect(await ada.shows('second')).toBe(false);
  });

  it('goes away with its caller', async () => {
    await edsger.press('hang-up');
    await ada.says(/Edsger cancelled/);
    expect(await ada.shows('second')).toBe(false);
    await ada.reaches('connected');
  });

  it('rings on when the first one ends', async () => {
    await grace.press('hang-up');
    await ada.reaches('incoming');
    await ada.press('accept');
    await Promise.all([ada.reaches('connected'), edsger.reaches('connected')]);
    await ada.receives('video');
  });
});
