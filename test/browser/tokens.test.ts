/// <reference lib="dom" />
import { type DemoPage, DemoStage } from '../support/demo-page.js';
import { inSeconds, SECRET, tokenWith } from '../support/tokens.js';

const ana = (claims = {}): Promise<string> => tokenWith({ sub: 'ana', name: 'Ana', ...claims });
const ben = (claims = {}): Promise<string> => tokenWith({ sub: 'ben', name: 'Ben', ...claims });

describe('the demo page of a server that asks for tokens', () => {
  const stage = DemoStage.forThisFile({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET, DEMO: 'on' });

  const refused = async (): Promise<DemoPage> => {
    const page = await stage.open('Ana');
    page.expectRefusal();
    await page.says(/The server did not let you in: “there is no token/);
    return page;
  };

  it('asks for one, and then knows who it is', async () => {
    const page = await refused();
    expect(await page.shows('join-form')).toBe(false);

    await page.paste('guessed');
    await page.says(/“the token is not a JSON Web Token”/);
    await page.paste(await ana());
    await page.says(/You are online as Ana/);
    expect(await page.text('my-name')).toBe('Ana');
    expect([await page.shows('sign-in'), await page.shows('join-form')]).toEqual([false, false]);
  });

  it('asks for a name that the token does not say', async () => {
    const page = await refused();
    await page.paste(await tokenWith({ sub: 'ana' }));
    await page.says(/Type your name/);
    expect(await page.text('my-name')).toBe('ana');
    await page.join();
    expect(await page.text('my-name')).toBe('Ana');
  });

  it('takes one out of the address, and keeps it for this tab alone', async () => {
    const token = await ana();
    const page = await stage.bring('Ana', token);
    expect(page.page.url()).toBe(`${stage.server.url}/demo/`);
    await page.page.reload();
    await page.says(/You are online as Ana/);

    const tab = await page.page.context().newPage();
    await tab.goto(page.page.url());
    await tab.getByText('there is no token').waitFor();
    expect(await tab.evaluate(() => Object.keys(localStorage))).toEqual([]);

    page.expectRefusal();
    await page.press('sign-out');
    await page.says(/there is no token/);
    expect(await page.page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  });

  it('rings all devices of whom one calls, until one of them answers', async () => {
    const caller = await stage.bring('Ana', await ana());
    const phone = await stage.bring('Ben', await ben());
    const laptop = await stage.bring('Ben', await ben());
    await caller.page.getByText('2 devices · ben').waitFor();
    expect(await caller.page.locator('#users li').count()).toBe(1);
    await phone.page.getByText('on 2 devices').waitFor();
    expect(await phone.page.locator('#users li').count()).toBe(1);

    await caller.call('Ben');
    await Promise.all([phone.reaches('incoming'), laptop.reaches('incoming')]);
    await laptop.press('accept');
    await phone.says(/Ana was answered elsewhere, on another device of yours/);
    await phone.reaches('idle');
    expect(await phone.tones()).toBe(0);
    await Promise.all([caller.reaches('connected'), laptop.reaches('connected')]);
    await Promise.all([caller.receives('audio', 'video'), laptop.receives('audio', 'video')]);

    await laptop.press('hang-up');
    await caller.says(/Ben hung up/);
    await caller.call('Ben');
    await Promise.all([phone.reaches('incoming'), laptop.reaches('incoming')]);
    await phone.press('decline');
    await caller.says(/Ben declined your call/);
    await laptop.says(/Ana was declined on another device of yours/);
    await laptop.reaches('idle');
  });

  it('renews a token that is about to end, without a pause in the call', async () => {
    const caller = await stage.bring('Ana', await ana());
    const callee = await stage.bring('Ben', await ben({ exp: inSeconds(30) }));
    await caller.talkTo(callee);
    expect(await callee.text('token-label')).toMatch(/ends soon/);

    await callee.paste(await ana());
    await callee.says(/Your token was refused: the token is of another user/);
    const renewed = await ben();
    await callee.paste(renewed);
    await callee.says(/Your token was renewed/);
    expect(await callee.shows('sign-in')).toBe(false);
    const kept = await callee.page.evaluate(() => sessionStorage.getItem('switchboard.token'));
    expect(kept).toBe(renewed);
    await Promise.all([caller.receives('audio', 'video'), callee.receives('audio', 'video')]);
  });

  it('says that a token has ended, and how to come back', async () => {
    const caller = await stage.bring('Ana', await ana());
    const callee = await stage.bring('Ben', await ben({ exp: inSeconds(8) }));
    await caller.talkTo(callee);

    await callee.says(/\(the token has expired\), and your call with Ana has ended\. Paste a new/);
    await callee.reaches('offline');
    await caller.says(/Ben was disconnected, and the call ended/);
    expect(await callee.page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
    await callee.paste(await ben());
    await callee.says(/You are online as Ben/);
    await caller.talkTo(callee);
  });
});
