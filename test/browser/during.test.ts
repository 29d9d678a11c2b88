/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { type DemoPage, DemoStage } from '../support/demo-page.js';
import { eventually } from '../support/eventually.js';

describe('during a call on the demo page', () => {
  const stage = DemoStage.forThisFile();

  const talk = async (): Promise<[DemoPage, DemoPage]> => {
    const [ada, grace] = await stage.enter('Ada', 'Grace');
    await ada.talkTo(grace);
    return [ada, grace];
  };

  it('another camera and another microphone go on where the first ones stopped', async () => {
    const [ada] = await stage.enter('Ada');
    const grace = await stage.open('Grace');
    await grace.page.evaluate(addCamera);
    await grace.join();
    await ada.talkTo(grace);
    await ada.receives('audio', 'video');
    const before = await sending(grace);
    await grace.press('mute');

    await grace.page.click('#call .open-settings');
    await grace.until(offers, '#camera-choice');
    await grace.page.selectOption('#camera-choice', { label: 'Second camera' });
    await grace.page.selectOption('#microphone-choice', { index: 1 });
    await eventually(async () => {
      const now = await sending(grace);
      expect(now.video).not.toBe(before.video);
      expect(now.audio).not.toBe(before.audio);
    });
    // Whoever was muted still is.
    expect(await grace.sends()).toEqual({ audio: false, video: true });
    await ada.receives('audio', 'video');

    // The choice outlives the page.
    await grace.page.keyboard.press('Escape');
    expect(await grace.shows('settings')).toBe(false);
    await grace.page.reload();
    await grace.reaches('idle');
    const kept = await grace.page.evaluate(() => localStorage.getItem('switchboard.devices'));
    expect(Object.keys(JSON.parse(kept ?? '{}') as object)).toEqual(['camera', 'microphone']);
    await ada.says(/Grace was disconnected/);
  });

  it('another speaker plays the other side', async () => {
    const [ada] = await talk();
    await ada.page.click('#call .open-settings');
    await ada.until(offers, '#speaker-choice');
    const [speaker = ''] = await ada.page.selectOption('#speaker-choice', { index: 1 });
    await ada.until(
      (id) => document.querySelector<HTMLVideoElement>('#remote-video')?.sinkId === id,
      speaker,
    );
    await ada.receives('audio', 'video');
  });

  it('the other side pops out into a window of its own, and comes back with the end', async () => {
    const [ada, grace] = await talk();
    await ada.receives('video');
    await ada.press('pop-out');
    await ada.until(popsOut, 'remote-video');
    await grace.press('hang-up');
    await ada.reaches('idle');
    await ada.until(popsOut, undefined);
  });

  it('the screen is shared, until the browser says that it is not', async () => {
    const [ada, grace] = await talk();
    await grace.receives('video');
    await ada.page.evaluate(fakeScreen);
    const camera = await sending(ada);

    await ada.press('share');
    await grace.until(shows, 'screen');
    expect(await ada.text('media-note')).toBe('You are sharing your screen.');
    expect(await ada.page.getAttribute('#share', 'aria-pressed')).toBe('true');

    await ada.page.evaluate(() => dispatchEvent(new Event('stop sharing')));
    await grace.until(shows, 'camera');
    expect(await sending(ada)).toEqual(camera);
    expect(await ada.page.getAttribute('#share', 'aria-pressed')).toBe('false');
    await grace.receives('audio', 'video');
  });

  it('the screen is shared, too, by somebody who has no camera, and back', async () => {
    const ada = await stage.open('Ada', { only: 'audio' });
    const grace = await stage.open('Grace', { only: 'audio' });
    await ada.join();
    await grace.join();
    await ada.talkTo(grace);
    for (const page of [ada, grace]) await page.page.evaluate(fakeScreen);

    // In the same moment: one offer gives way to the other, and both get through.
    await Promise.all([ada.press('share'), grace.press('share')]);
    await Promise.all([ada.until(shows, 'screen'), grace.until(shows, 'screen')]);
    await Promise.all([ada.receives('video'), grace.receives('audio', 'video')]);

    await ada.press('share');
    await grace.until(shows, 'nothing');
    await ada.receives('audio', 'video');
    expect(await ada.sends()).toEqual({ audio: true });
  });

  it('one who thinks better of sharing goes on as before', async () => {
    const [ada, grace] = await talk();
    await ada.page.evaluate(() => {
      navigator.mediaDevices.getDisplayMedia = () =>
        Promise.reject(new DOMException('stubbed', 'NotAllowedError'));
    });
    await ada.press('share');
    await grace.receives('video');
    expect(await ada.page.getAttribute('#share', 'aria-pressed')).toBe('false');
  });

  it('the quality of the line is shown, in a word and in numbers', async () => {
    const [ada] = await talk();
    await eventually(async () => {
      const shown = await ada.text('quality');
      expect(shown).toMatch(/Connection: good/);
      expect(shown).toMatch(/Round trip\s+\d+ ms/);
      expect(shown).toMatch(/Loss\s+0\.0 %/);
      expect(shown).toMatch(/Received\s+[1-9][\d.]* [kM]bit\/s/);
    }, 10_000);
    const path = ada.page.locator('[data-series=bitrate] .line');
    await eventually(async () => {
      expect(await path.getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)+$/);
    });
  });

  it('a keyboard is enough, from the first name to hanging up', async () => {
    const [grace] = await stage.enter('Grace');
    const ada = await stage.open('Ada');
    await ada.reaches('idle');
    const { keyboard } = ada.page;
    const tabTo = async (selector: string): Promise<void> => {
      for (let steps = 0; steps < 20; steps += 1) {
        await keyboard.press('Tab');
        const there = await ada.page.evaluate((s) => document.activeElement?.matches(s), selector);
        if (there) return;
      }
      throw new Error(`${selector} cannot be reached`);
    };
    await tabTo('#name');
    await keyboard.type('Ada');
    await keyboard.press('Enter');
    await ada.says(/You are online as Ada/);
    await tabTo('#users button:enabled');
    await keyboard.press('Enter');
    await grace.reaches('incoming');
    await grace.press('accept');
    await ada.reaches('connected');

    await tabTo('#call .open-settings');
    await keyboard.press('Enter');
    await ada.until(offers, '#microphone-choice');
    await tabTo('#microphone-choice');
    await keyboard.press('ArrowDown');
    await keyboard.press('Escape');
    expect(await ada.shows('settings')).toBe(false);
    expect(await ada.page.evaluate(() => document.activeElement?.className)).toBe('open-settings');
    await tabTo('#mute');
    await keyboard.press('Space');
    expect(await ada.page.getAttribute('#mute', 'aria-pressed')).toBe('true');
    await tabTo('#hang-up');
    await keyboard.press('Enter');
    await grace.says(/Ada hung up/);
    await ada.reaches('idle');
  });
});

/** The tracks that a page sends, by kind. */
function sending({ page }: DemoPage): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    const tracks =
      connections
        .at(-1)
        ?.getSenders()
        .flatMap(({ track }) => track ?? []) ?? [];
    return Object.fromEntries(tracks.map(({ kind, id }) => [kind, id]));
  });
}

/** Run in the page. */
function offers(select: string): boolean {
  return (document.querySelector<HTMLSelectElement>(select)?.options.length ?? 0) > 1;
}

function shows(what: 'camera' | 'screen' | 'nothing'): boolean {
  const video = document.querySelector<HTMLVideoElement>('#remote-video');
  const { videoWidth, videoHeight } = video ?? { videoWidth: 0, videoHeight: 0 };
  if (videoWidth === 0) return what === 'nothing';
  return what === (videoWidth === 2 * videoHeight ? 'screen' : 'camera');
}

function popsOut(id: string | undefined): boolean {
  return document.pictureInPictureElement?.id === id;
}

/** Chromium pretends to have one camera only; the second is the same one under another name. */
function addCamera(): void {
  const { mediaDevices } = navigator;
  const enumerate = mediaDevices.enumerateDevices.bind(mediaDevices);
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  const second = { deviceId: 'second', groupId: '', kind: 'videoinput', label: 'Second camera' };
  mediaDevices.enumerateDevices = async () => [
    ...(await enumerate()),
    { ...second, toJSON: () => second } as MediaDeviceInfo,
  ];
  mediaDevices.getUserMedia = ({ audio, video } = {}) => {
    const isSecond = typeof video === 'object' && video.deviceId === 'second';
    return open({ ...(audio && { audio }), ...(video && { video: isSecond || video }) });
  };
}

/** Nor has it a screen to share: here is one, twice as wide as high, and the browser's button to stop. */
function fakeScreen(): void {
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1_000, height: 500 });
    const brush = canvas.getContext('2d');
    setInterval(() => {
      if (brush) brush.fillStyle = `hsl(${Date.now() % 360} 60% 70%)`;
      brush?.fillRect(0, 0, 1_000, 500);
    }, 50);
    const stream = canvas.captureStream(20);
    const [track] = stream.getVideoTracks();
    addEventListener('stop sharing', () => {
      track?.stop();
      track?.dispatchEvent(new Event('ended'));
    });
    return Promise.resolve(stream);
  };
}
