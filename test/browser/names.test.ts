import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import { DemoStage } from '../support/demo-page.js';

const NAME = '<img src=x onerror="document.title=\'hacked\'"><b>Ada</b>';

describe('a name made of markup', () => {
  const stage = DemoStage.forThisFile();

  it('is text to the demo page, even if a server let it through', async () => {
    const [ada] = await stage.enter('Ada');
    const messenger = stage.server.app.get(PeerMessenger);
    const [id = ''] = messenger.connectionIds();

    const stranger = { socketId: 'stranger', userId: 'stranger', name: NAME, inCall: false };
    messenger.send(id, 'presenceDiff', { joined: [stranger], left: [], changed: [] });
    await ada.until((name) => document.querySelector('#users bdi')?.textContent === name, NAME);
    const refused = 'the ring is refused, as no such call is known';
    messenger.send(id, 'call', {
      from: 'stranger',
      name: NAME,
      userId: 'stranger',
      callId: refused,
      expiresInMs: 1_000,
    });
    await ada.reaches('incoming');
    expect(await ada.text('incoming-name')).toBe(NAME);
    expect(await ada.text('status')).toBe(`${NAME} is calling you.`);
    expect(await ada.page.locator('img, b').count()).toBe(0);
    expect(await ada.page.title()).toBe(`${NAME} is calling`);

    await ada.press('accept');
    await ada.says(/is no longer calling/);
    await ada.reaches('idle');
  });
});
