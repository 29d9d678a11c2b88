import { readFileSync } from 'node:fs';
import { DemoStage } from '../support/demo-page.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe("the README's client in ten lines", () => {
  const stage = DemoStage.forThisFile();

  it('answers a call, and media flows both ways', async () => {
    const [, code = ''] = /## A client in ten lines\n.*?```js\n(.*?)```/s.exec(README) ?? [];
    expect(code).toContain('http://localhost:3000');
    const media = `
      pc.ontrack = ({ streams }) => (document.querySelector('#remote-video').srcObject = streams[0]);
      navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then((stream) => {
        for (const track of stream.getTracks()) pc.addTrack(track, stream);
        document.querySelector('#status').textContent = 'has a camera';
      });`;
    const [ada] = await stage.enter('Ada');
    const ana = await stage.host(
      'Ana',
      code.replace('http://localhost:3000', stage.server.url),
      media,
    );
    await ana.says(/has a camera/);

    await ada.call(ana);
    await ada.reaches('connected');
    await Promise.all([ada.receives('audio', 'video'), ana.receives('audio', 'video')]);
  });
});
