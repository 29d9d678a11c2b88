/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type RunningApp, startApp } from './app.js';
import { launchChromium } from './chromium.js';
import { eventually } from './eventually.js';
import { ManualClock } from './manual-clock.js';

export type DemoState = 'offline' | 'idle' | 'calling' | 'incoming' | 'connecting' | 'connected';
/** What `getUserMedia` fails with: for everything, or for one kind of device. */
export interface Devices {
  fails?: 'NotAllowedError' | 'NotFoundError';
  only?: 'audio' | 'video';
}

/** What the instruments below have put into the page. */
interface Instruments {
  connections: RTCPeerConnection[];
  speakers: Set<AudioContext>;
}
type InstrumentedWindow = Window & typeof globalThis & Instruments;

export interface Received {
  width: number;
  frames: number;
  /** Of the picture shown now, 0 (black) to 255. */
  brightness: number;
  audioBytes: number;
  audioSeconds: number;
  audioEnergy: number;
}

const PATIENCE_MS = 15_000;
const SET_UP_MS = 180_000; // the first time ever it may have to unpack Chromium and install its libraries

/** The demo page in a browser of its own kind: separate storage, and everything it complains of kept. */
export class DemoPage {
  /** Console errors and warnings, uncaught errors, violations of the content security policy. */
  readonly problems: string[] = [];
  private expected: RegExp[] = [];

  constructor(
    readonly page: Page,
    readonly name: string,
  ) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complain(message.text());
    });
    page.on('pageerror', (error) => this.complain(String(error)));
  }

  /** What the test is about to provoke. */
  expectProblem(problem: RegExp): void {
    this.expected.push(problem);
  }

  async join(): Promise<void> {
    await this.reaches('idle');
    await this.page.fill('#name', this.name);
    await this.page.click('#join');
    await this.says(/You are online as/);
  }

  /** The server is about to turn it away, maybe while it changes from polling to WebSocket. */
  expectRefusal(): void {
    this.expectProblem(/WebSocket is closed before|400 \(Bad Request\)/);
  }

  async paste(token: string): Promise<void> {
    await this.page.fill('#token', token);
    await this.press('token-button');
  }

  async call(other: DemoPage | string): Promise<void> {
    const name = typeof other === 'string' ? other : other.name;
    await this.page.locator('#users li', { hasText: name }).locator('button').click();
  }

  /** Until both are connected. */
  async talkTo(other: DemoPage): Promise<void> {
    await this.call(other);
    await other.reaches('incoming');
    await other.press('accept');
    await Promise.all([this.reaches('connected'), other.reaches('connected')]);
  }

  async press(id: string): Promise<void> {
    await this.page.click(`#${id}`);
  }

  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).innerText()).trim();
  }

  shows(id: string): Promise<boolean> {
    return this.page.isVisible(`#${id}`);
  }

  async reaches(state: DemoState): Promise<void> {
    await this.until((expected) => document.body.dataset.state === expected, state);
  }

  /** From now on its user leaves the question for camera and microphone open, until the test decides. */
  async holdPermission(): Promise<() => Promise<unknown>> {
    await this.page.evaluate(() => {
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (constraints) =>
        new Promise((resolve) => {
          addEventListener('permission', () => resolve(open(constraints)), { once: true });
        });
    });
    return () => this.page.evaluate(() => dispatchEvent(new Event('permission')));
  }

  /** Waits until the status line says it. */
  async says(words: RegExp): Promise<void> {
    await this.until(
      (source) => new RegExp(source).test(document.querySelector('#status')?.textContent ?? ''),
      words.source,
    );
  }

  /** Keeps everything that the status line says from now on, however briefly. */
  async listen(): Promise<() => Promise<string[]>> {
    const said = await this.page.evaluateHandle(() => {
      const status = document.querySelector('#status');
      const words: string[] = [];
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) words.push(addedNodes[0]?.textContent ?? '');
      }).observe(status ?? document, { childList: true });
      return words;
    });
    return () => said.jsonValue();
  }

  /** How many tones sound: none of them may outlive its reason. */
  tones(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as InstrumentedWindow).speakers.size);
  }

  /** The user id by which this page knows the other: without authentication, its socket id. */
  async idOf(other: string): Promise<string> {
    const entry = this.page.locator('#users li', { hasText: other });
    return (await entry.getAttribute('data-user-id')) ?? '';
  }

  /** What has come in through the newest connection, and is shown. */
  received(): Promise<Received> {
    return this.page.evaluate(async () => {
      const video = document.querySelector<HTMLVideoElement>('#remote-video');
      const connection = (window as unknown as InstrumentedWindow).connections.at(-1);
      const report = (await connection?.getStats())?.values() ?? [];
      const stats = [...report] as Record<string, unknown>[];
      const audio = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
      const canvas = document.createElement('canvas');
      const picture = canvas.getContext('2d');
      if (video && video.videoWidth > 0) picture?.drawImage(video, 0, 0, 32, 32);
      const pixels = picture?.getImageData(0, 0, 32, 32).data.filter((_, i) => i % 4 === 1) ?? [];
      return {
        width: video?.videoWidth ?? 0,
        frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
        brightness: [...pixels].reduce((sum, green) => sum + green, 0) / 1_024,
        audioBytes: Number(audio?.bytesReceived ?? 0),
        audioSeconds: Number(audio?.totalSamplesDuration ?? 0),
        audioEnergy: Number(audio?.totalAudioEnergy ?? 0),
      };
    });
  }

  /** Waits until pictures and sound come in, and go on coming. */
  async receives(...kinds: ('audio' | 'video')[]): Promise<void> {
    let first: Received | undefined;
    await eventually(async () => {
      const now = await this.received();
      first ??= now;
      if (kinds.includes('video')) {
        expect(now.width).toBeGreaterThan(0);
        expect(now.frames).toBeGreaterThan(first.frames + 3);
        expect(now.brightness).toBeGreaterThan(40);
      }
      if (kinds.includes('audio')) expect(now.audioBytes).toBeGreaterThan(first.audioBytes);
    }, PATIENCE_MS);
  }

  /** Whether each of the tracks that are sent is on, by kind. */
  sends(): Promise<Record<string, boolean>> {
    return this.page.evaluate(() => {
      const connection = (window as unknown as InstrumentedWindow).connections.at(-1);
      const tracks = connection?.getSenders().flatMap(({ track }) => track ?? []) ?? [];
      return Object.fromEntries(tracks.map(({ kind, enabled }) => [kind, enabled]));
    });
  }

  /** Waits until a second and a half of sound has come in that was none. */
  async hearsSilence(): Promise<void> {
    let since = await this.received();
    await eventually(async () => {
      const now = await this.received();
      // The codec fills silence with a hum a million times fainter than a voice.
      if (now.audioEnergy > since.audioEnergy + 1e-6) since = now;
      expect(now.audioSeconds - since.audioSeconds).toBeGreaterThan(1.5);
    }, PATIENCE_MS);
  }

  async until<T>(condition: (argument: T) => unknown, argument: T): Promise<void> {
    try {
      // Playwright's own type for the argument is made for arguments that hold handles.
      await this.page.waitForFunction(condition as (argument: unknown) => unknown, argument, {
        timeout: PATIENCE_MS,
      });
    } catch (cause) {
      const state = await this.page.evaluate(() => document.body.dataset.state);
      const status = await this.page.textContent('#status');
      const words = `${this.name} is ${String(state)} and says: ${String(status)}`;
      throw new Error(`waited in vain for ${String(argument)}; ${words}`, { cause });
    }
  }

  private complain(problem: string): void {
    if (!this.expected.some((expected) => expected.test(problem))) this.problems.push(problem);
  }
}

/** The service and a browser, for all tests of a file; its pages are checked and closed after each. */
export class DemoStage {
  readonly clock = new ManualClock();
  private pages: DemoPage[] = [];
  private running: { server: RunningApp; browser: Browser } | undefined;

  private constructor(private readonly environment: Record<string, string>) {}

  static forThisFile(environment: Record<string, string> = {}): DemoStage {
    const stage = new DemoStage(environment);
    beforeAll(() => stage.start(), SET_UP_MS);
    afterEach(() => stage.clear());
    afterAll(() => stage.stop());
    return stage;
  }

  get server(): RunningApp {
    if (this.running === undefined) throw new Error('not started');
    return this.running.server;
  }

  /** Pages that have joined under these names and see each other. */
  async enter<const N extends string[]>(...names: N): Promise<{ [K in keyof N]: DemoPage }> {
    const pages = await Promise.all(names.map((name) => this.open(name)));
    for (const page of pages) await page.join();
    for (const page of pages) {
      for (const other of names.filter((name) => name !== page.name)) {
        await page.page.locator('#users li', { hasText: other }).waitFor();
      }
    }
    return pages as { [K in keyof N]: DemoPage };
  }

  async open(
    name: string,
    devices: Devices = {},
    options: BrowserContextOptions = {},
    url = this.server.url,
  ): Promise<DemoPage> {
    const page = await this.blank(name, options);
    await page.page.addInitScript(limitDevices, devices);
    await page.page.goto(`${url}/demo/`);
    return page;
  }

  /** With a token that has the same name in it. */
  async bring(name: string, token: string, options: BrowserContextOptions = {}): Promise<DemoPage> {
    const page = await this.blank(name, options);
    await page.page.goto(`${this.server.url}/demo/#token=${token}`);
    await page.says(new RegExp(`You are online as ${name}`));
    return page;
  }

  /** Somebody else's page, of another origin, with the Socket.IO client and these scripts in it. */
  async host(name: string, ...scripts: string[]): Promise<DemoPage> {
    const page = await this.blank(name);
    const body = [
      '<!doctype html><p id="status"></p><video id="remote-video" autoplay muted></video>',
      `<script src="${this.server.url}/socket.io/socket.io.js"></script>`,
      ...scripts.map((script) => `<script>${script}</script>`),
    ].join('\n');
    const url = 'http://localhost/'; // a camera needs an origin that the browser trusts
    await page.page.route(url, (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.page.goto(url);
    return page;
  }

  private async blank(name: string, options: BrowserContextOptions = {}): Promise<DemoPage> {
    if (this.running === undefined) throw new Error('not started');
    const context = await this.running.browser.newContext(options);
    await context.addInitScript(instrument);
    const page = new DemoPage(await context.newPage(), name);
    this.pages.push(page);
    return page;
  }

  private async start(): Promise<void> {
    const server = await startApp(this.environment, this.clock);
    this.running = { server, browser: await launchChromium() };
  }

  private async clear(): Promise<void> {
    const pages = this.pages.splice(0);
    await Promise.all(pages.map(({ page }) => page.context().close()));
    expect(pages.flatMap(({ problems }) => problems)).toEqual([]);
  }

  private async stop(): Promise<void> {
    await this.running?.browser.close();
    await this.running?.server.close();
  }
}

/** Runs in the page, before everything else in it. */
function instrument(): void {
  const page = window as unknown as InstrumentedWindow;
  page.connections = [];
  page.speakers = new Set();
  page.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      page.connections.push(this);
    }
  };
  page.AudioContext = class extends AudioContext {
    constructor(options?: AudioContextOptions) {
      super(options);
      page.speakers.add(this);
    }

    override close(): Promise<void> {
      page.speakers.delete(this);
      return super.close();
    }
  };
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    console.error(`security policy: ${violatedDirective} forbids ${blockedURI}`);
  });
}

/** Runs in the page, too. */
function limitDevices({ fails, only }: Devices): void {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints = {}) => {
    if (fails !== undefined) return Promise.reject(new DOMException('stubbed', fails));
    const other = only === 'audio' ? constraints.video : only && constraints.audio;
    if (other) return Promise.reject(new DOMException('stubbed', 'NotFoundError'));
    return open(constraints);
  };
}
