/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type DemoPage, DemoStage } from '../support/demo-page.js';
import { inSeconds, SECRET, tokenWith } from '../support/tokens.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LOOKS = [
  ['light', { width: 1280, height: 720 }],
  ['dark', { width: 1280, height: 720 }],
  ['light', { width: 390, height: 760 }],
  ['dark', { width: 320, height: 640 }],
] as const;

interface Finding {
  id: string;
  nodes: { target: unknown; failureSummary?: string }[];
}

describe.each(LOOKS)('axe finds nothing to complain of, in %s on %j', (colorScheme, viewport) => {
  const stage = DemoStage.forThisFile();

  const enter = async (...names: string[]): Promise<DemoPage[]> => {
    const options = { colorScheme, viewport, reducedMotion: 'reduce' } as const;
    const pages = await Promise.all(names.map((name) => stage.open(name, {}, options)));
    for (const page of pages) await page.join();
    return pages;
  };

  it('from the first look to a call with a second one waiting', async () => {
    const [ada, grace, edsger] = (await enter('Ada', 'Grace', 'Edsger')) as [
      DemoPage,
      DemoPage,
      DemoPage,
    ];
    await examine(ada, 'idle');
    await ada.press('settings-button');
    await ada.until(hasChoice, '#camera-choice');
    await examine(ada, 'settings open');
    await ada.page.keyboard.press('Escape');

    await ada.call(grace);
    await ada.says(/Ringing/);
    await examine(ada, 'ringing out');
    await examine(grace, 'incoming');
    await grace.press('decline');
    await ada.says(/declined/);
    await examine(ada, 'declined');

    await ada.talkTo(grace);
    await ada.until(isMeasured, undefined);
    await examine(ada, 'connected');
    await ada.page.click('#call .open-settings');
    await ada.until(hasChoice, '#camera-choice');
    await examine(ada, 'settings open during a call');
    await edsger.call(ada);
    await ada.page.waitForSelector('#second:visible');
    expect(await ada.shows('settings')).toBe(false);
    await examine(ada, 'second call');
  }, 60_000);

  it('without a server', async () => {
    const [ada] = (await enter('Ada')) as [DemoPage];
    ada.expectProblem(/ERR_|WebSocket/);
    await ada.page.context().setOffline(true);
    await ada.page.evaluate(() => dispatchEvent(new Event('offline')));
    await ada.reaches('offline');
    await examine(ada, 'offline');
  });
});

describe.each(LOOKS)('nor with tokens, in %s on %j', (colorScheme, viewport) => {
  const stage = DemoStage.forThisFile({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET, DEMO: 'on' });
  const options = { colorScheme, viewport, reducedMotion: 'reduce' } as const;

  it('from being asked for one to being asked for the next in a call', async () => {
    const ana = await stage.open('Ana', {}, options);
    ana.expectRefusal();
    await ana.says(/there is no token/);
    await examine(ana, 'asked for a token');
    await ana.paste(await tokenWith({ sub: 'ana', name: 'Ana' }));
    await ana.says(/You are online/);

    const exp = inSeconds(58);
    const claims = { sub: 'auth0|5f7c8ec7c33c6c004bbafe82', name: 'Ben', exp };
    const ben = await stage.bring('Ben', await tokenWith(claims), options);
    await stage.bring('Ben', await tokenWith(claims), options);
    await ana.page.getByText('2 devices').waitFor();
    await examine(ana, 'somebody with two devices');
    await examine(ben, 'asked for the next token');
    await ana.talkTo(ben);
    await examine(ben, 'asked for the next token in a call');
  }, 60_000);
});

function hasChoice(select: string): boolean {
  return (document.querySelector<HTMLSelectElement>(select)?.options.length ?? 0) > 0;
}

function isMeasured(): boolean {
  return document.querySelector('#quality output')?.textContent === 'good';
}

/** All default rules; what axe cannot decide by itself (text over a moving picture) is not counted. */
async function examine({ page, name }: DemoPage, state: string): Promise<void> {
  await page.evaluate(AXE); // not as a script of the page: its content security policy stays
  const findings = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } };
    return (await axe.run()).violations;
  });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect({ name, state, overflow }).toEqual({ name, state, overflow: 0 });
  const found = findings.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary ?? ''}`),
  );
  expect({ name, state, found }).toEqual({ name, state, found: [] });
}
