import { CONNECT_MS, RING_MS } from '../support/calls.js';
import { type DemoPage, DemoStage } from '../support/demo-page.js';
import { Peer } from '../support/peer.js';

describe('the demo page says how a call ended', () => {
  let ada: DemoPage;
  let grace: DemoPage;

  // Before the stage clears itself.
  afterEach(async () => {
    await Promise.all([ada.reaches('idle'), grace.reaches('idle')]);
    expect([await ada.tones(), await grace.tones()]).toEqual([0, 0]);
  });
  const stage = DemoStage.forThisFile();
  beforeEach(async () => {
    [ada, grace] = await stage.enter('Ada', 'Grace');
  });
  const ring = async (): Promise<void> => {
    await ada.call(grace);
    await grace.reaches('incoming');
    await ada.says(/Ringing/);
  };

  it('declined', async () => {
    await ring();
    await grace.press('decline');
    await ada.says(/Grace declined your call/);
    await grace.says(/You declined the call from Ada/);
  });

  it('cancelled', async () => {
    await ring();
    await ada.press('hang-up');
    await grace.says(/Ada cancelled: you missed the call/);
    await ada.says(/You ended the call/);
  });

  it('no answer', async () => {
    await ring();
    stage.clock.advance(RING_MS);
    await ada.says(/Grace gave no answer/);
    await grace.says(/Ada called, and you missed it/);
  });

  it('the caller vanished', async () => {
    await ring();
    await ada.page.reload();
    await grace.says(/Ada was disconnected/);
  });

  it('accepted, and then nothing: the browser of the callee waits for a permission', async () => {
    await grace.holdPermission();
    await ring();
    await grace.press('accept');
    await ada.reaches('connecting');
    stage.clock.advance(CONNECT_MS);
    await ada.says(/Grace could not connect with you/);
    await grace.says(/Ada could not connect with you/);
  });

  it('the browsers cannot agree', async () => {
    const bot = await Peer.connect(stage.server.url, { auth: { protocol: 2 } });
    await bot.ask('register', 'Bot');
    await ada.call('Bot');
    const { callId } = await bot.next('call');
    ada.expectProblem(/The negotiation failed/);
    bot.tell('offer', { callId, sdp: 'nonsense' });

    expect(await bot.next('endCall')).toMatchObject({ callId, reason: 'failed' });
    await ada.says(/Bot could not connect with you/);
    await bot.close();
  });

  it('gone before it could ring', async () => {
    const bot = await Peer.connect(stage.server.url);
    await bot.ask('register', 'Bot');
    await ada.page.locator('#users li', { hasText: 'Bot' }).waitFor();
    const permit = await ada.holdPermission();
    await ada.call('Bot');
    await bot.close();
    await ada.page.locator('#users li', { hasText: 'Bot' }).waitFor({ state: 'detached' });
    await permit();
    await ada.says(/Bot cannot be reached any more/);
  });

  it('a client of the tutorial that talks to somebody else is busy', async () => {
    const bot = await Peer.connect(stage.server.url);
    await bot.ask('register', 'Bot');
    await bot.ask('call', { to: await ada.idOf('Grace') });
    await grace.reaches('incoming');
    await ada.call('Bot');
    await ada.says(/Bot is busy in another call/);
    await bot.close();
    await grace.says(/Bot was disconnected/);
  });
});
