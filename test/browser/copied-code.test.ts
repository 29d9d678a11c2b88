import { codeBelow } from '../support/copied-code.js';
import { type BrowserName, ExamplePage, ExampleStage } from '../support/example-page.js';
import { describeWithFirefox } from '../support/firefox.js';
import { Peer } from '../support/peer.js';

describe('what a front end copies', () => {
  const stage = ExampleStage.forThisFile();

  /** Calls both ways, with a lost connection between them. */
  async function talkTwice(one: BrowserName, other: BrowserName): Promise<void> {
    const [ana, ben] = await Promise.all([stage.open(one, 'Ana'), stage.open(other, 'Ben')]);
    await ana.call(ben);
    await ben.press('Hang up');
    await Promise.all([ana.says(/over: hangup/), ben.says(/over: you ended it/)]);

    await ana.reconnects();
    await ben.call(ana);
    await ben.reconnects();
    await Promise.all([ana.says(/over: disconnected/), ben.says(/over: the connection was lost/)]);
  }

  /** Answers one call after the other, with a lost connection between them. */
  async function answerTwice(browser: BrowserName): Promise<void> {
    const code = codeBelow('README.md', 'A client in fifteen lines') ?? '';
    const ana = await stage.host(browser, 'Ana', code);
    const ben = await stage.open('Chromium', 'Ben');
    await ben.press('Call Ana');
    await ben.talksTo(ana);
    await ben.press('Hang up');
    await ana.reconnects();
    await ben.press('Call Ana');
    await ben.talksTo(ana);
  }

  describe('runs in Chromium', () => {
    it('as fifteen lines that answer', () => answerTwice('Chromium'));
    it('as both sides of a call', () => talkTwice('Chromium', 'Chromium'));
  });

  describeWithFirefox('runs in Firefox', () => {
    it('as fifteen lines that answer', () => answerTwice('Firefox'));
    it('as both sides of a call', () => talkTwice('Firefox', 'Firefox'));
    it('as both sides of a call with Chromium', () => talkTwice('Firefox', 'Chromium'));
  });

  describe('knows what can come between', () => {
    let ana: ExamplePage;
    let ben: ExamplePage;

    beforeEach(async () => {
      [ana, ben] = [await stage.open('Chromium', 'Ana'), await stage.open('Chromium', 'Ben')];
    });

    it.each([
      ['before the answer to ours', 'take(...given)'],
      ['after the answer to ours', 'setTimeout(() => take(...given), 100)'],
    ])('a call that crosses ours, and is noticed %s', async (_, notice) => {
      await ben.run(`
        const [take] = socket.listeners('call');
        socket.off('call');
        socket.on('call', (...given) => {
          document.querySelector('#people button').click();
          ${notice};
        });`);
      await ana.press('Call Ben');
      await ana.talksTo(ben);
    });

    it('candidates that come before their description', async () => {
      for (const page of [ana, ben]) {
        await page.run(`
          const emit = socket.emit.bind(socket);
          const late = (given) => setTimeout(() => emit(...given), 500);
          const slow = ['offer', 'answer'];
          socket.emit = (...given) => slow.includes(given[0]) ? late(given) : emit(...given);
          window.received = [];
          socket.onAny((event) => received.push(event));`);
      }
      await ana.call(ben);
      for (const [page, description] of [
        [ana, 'offer'],
        [ben, 'answer'],
      ] as const) {
        const received = await page.run<string[]>('received');
        expect(received.indexOf('candidate')).toBeGreaterThan(-1);
        expect(received.indexOf('candidate')).toBeLessThan(received.indexOf(description));
      }
    });

    it('a callee who declines, a second caller, and a caller who thinks better of it', async () => {
      await ana.press('Call Ben');
      await ben.says(/Ana is calling/);
      await ben.press('Hang up');
      await ana.says(/over: declined/);

      await ana.press('Call Ben');
      await ben.says(/Ana is calling/);
      const eve = await Peer.connect(stage.server.url, { auth: { protocol: 2 } });
      await eve.ask('call', { to: await ben.run<string>('socket.id') });
      expect((await eve.next('endCall')).reason).toBe('busy');
      await eve.close();
      await ana.press('Hang up');
      await ben.says(/over: cancelled/);
    });

    it('refusals, with a callback and without', async () => {
      const [tim, eve] = [
        await Peer.connect(stage.server.url),
        await Peer.connect(stage.server.url),
      ];
      await tim.ask('register', 'Tim');
      await tim.ask('call', { to: eve.id });
      await ana.press('Call Tim');
      await ana.says(/over: the recipient is in another call/);

      await ana.run(`void socket.emit('answer', { callId: 'none' })`);
      await ana.says(/sdp|no such call/);
      await Promise.all([tim.close(), eve.close()]);
    });
  });
});
