import { DemoStage } from '../support/demo-page.js';
import { type PrefixProxy, startPrefixProxy } from '../support/prefix-proxy.js';

describe('the demo page below a prefix', () => {
  const stage = DemoStage.forThisFile();
  let proxy: PrefixProxy;

  afterEach(() => {
    proxy.close();
  });

  it('reaches its server, and another page there', async () => {
    proxy = await startPrefixProxy(() => stage.server.url, '/switchboard');
    const [ada, grace] = [
      await stage.open('Ada', {}, {}, proxy.url),
      await stage.open('Grace', {}, {}, proxy.url),
    ];
    for (const page of [ada, grace]) await page.join();
    await ada.talkTo(grace);
    await Promise.all([ada.receives('audio', 'video'), grace.receives('audio', 'video')]);
    expect(proxy.upgrades()).toBe(2);
  });

  it('is found without the slash at the end of its address', async () => {
    proxy = await startPrefixProxy(() => stage.server.url, '/switchboard');
    const ada = await stage.open('Ada', {}, {}, proxy.url);
    await ada.page.goto(`${proxy.url}/demo?from=here#there`);
    expect(ada.page.url()).toBe(`${proxy.url}/demo/?from=here#there`);
    await ada.join();
  });

  it('says what is missing where the proxy keeps the client from it, and looks as ever', async () => {
    proxy = await startPrefixProxy(
      () => stage.server.url,
      '/a/b',
      (path) => path.startsWith('/demo/'),
    );
    const ada = await stage.open('Ada');
    const looks = () =>
      ada.page.evaluate(() => {
        const { backgroundColor, fontFamily } = getComputedStyle(document.body);
        return { backgroundColor, fontFamily };
      });
    const usual = await looks();
    ada.expectProblem(/404|MIME type/);
    await ada.page.goto(`${proxy.url}/demo/`);
    await ada.says(/no Socket.IO client at http.*\/a\/b\/socket\.io\/socket\.io\.js/);
    expect(await ada.text('connection')).toBe('Offline');
    expect(await looks()).toEqual(usual);
  });
});
