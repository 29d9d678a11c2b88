import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import { startApp } from '../support/app.js';
import { type DemoPage, DemoStage } from '../support/demo-page.js';

describe('when the demo page loses the server', () => {
  const stage = DemoStage.forThisFile();

  it('it says so, ends its call, and is back online by itself', async () => {
    const [ada, grace] = await stage.enter('Ada', 'Grace');
    await ada.talkTo(grace);
    const before = await grace.idOf('Ada');
    // It reconnects too fast for a test to see the time between, so the page keeps what it said.
    const heard = await ada.listen();

    const messenger = stage.server.app.get(PeerMessenger);
    messenger.close(before);
    await ada.says(/You are online as Ada/);
    await grace.says(/Ada was disconnected, and the call ended/);
    await Promise.all([ada.reaches('idle'), grace.reaches('idle')]);
    expect(messenger.connectionIds()).not.toContain(before);
    expect(await heard()).toContain(
      'The connection to the server was lost, and your call with Grace has ended. Reconnecting…',
    );

    await ada.page.locator('#users li', { hasText: 'Grace' }).waitFor();
    await ada.talkTo(grace);
    await ada.receives('video');
  });

  it('it says that the server restarts, if that is the reason', async () => {
    const other = await startApp();
    const open = async (name: string): Promise<DemoPage> => {
      const page = await stage.open(name, {}, {}, other.url);
      await page.join();
      // Until there is a server again, every attempt to reconnect is an error to the browser.
      page.expectProblem(/ERR_CONNECTION_REFUSED|503/);
      return page;
    };
    const [ada, grace, edsger] = [await open('Ada'), await open('Grace'), await open('Edsger')];
    await ada.talkTo(grace);
    const heardByAda = await ada.listen();
    const heardByEdsger = await edsger.listen();

    await other.close();
    await Promise.all([ada.reaches('offline'), edsger.reaches('offline')]);
    await Promise.all([ada.says(/Trying again/), edsger.says(/Trying again/)]);
    expect(await heardByAda()).toContain('Grace and you were cut off: the server is restarting.');
    expect(await heardByEdsger()).toContain('The server is restarting. Reconnecting…');
  });
});
