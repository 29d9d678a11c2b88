import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import { type RunningApp, startApp } from './app.js';
import { launchChromium } from './chromium.js';
import { eventually } from './eventually.js';
import { hasFirefox, launchFirefox } from './firefox.js';

export type BrowserName = 'Chromium' | 'Firefox';

/** As much as this needs of what Playwright and Puppeteer have, which are much alike. */
interface Tab {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}
interface Browser {
  newPage(): Promise<Tab>;
  close(): Promise<void>;
}

interface Running {
  server: RunningApp;
  site: Server;
  browsers: Partial<Record<BrowserName, Browser>>;
}

interface Received {
  width: number;
  frames: number;
  audioBytes: number;
}

const EXAMPLES = ['index.html', 'call.js'];
/** Where all that is there to be copied looks for the service. */
const SERVER = 'http://localhost:3000';
const PATIENCE_MS = 15_000;
const SET_UP_MS = 180_000;

/** Comes after the Socket.IO client and before what is copied: makes its insides visible. */
const INSTRUMENTS = `<script>
  const open = io;
  io = (...given) => (window.socket = open(...given));
  window.connections = [];
  window.problems = [];
  const complain = (...words) => problems.push(words.join(' '));
  for (const kind of ['warn', 'error']) console[kind] = complain;
  addEventListener('error', ({ message }) => complain(message));
  addEventListener('unhandledrejection', ({ reason }) => complain(reason));
  RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      connections.push(this);
    }
  };
</script>`;

/** A page made of what others copy, in one browser or another. */
export class ExamplePage {
  constructor(
    private readonly tab: Tab,
    readonly name: string,
    private readonly server: RunningApp,
  ) {}

  /** An expression; or several statements in a function that is called. */
  run<T>(script: string): Promise<T> {
    return this.tab.evaluate(script) as Promise<T>;
  }

  /** Presses the button with this label, once there is one to be seen. */
  async press(label: string): Promise<void> {
    await eventually(async () => {
      const pressed = await this.run(`
        (() => {
          const buttons = [...document.querySelectorAll('button')];
          const button = buttons.find((one) => one.innerText === '${label}' && one.checkVisibility());
          button?.click(); // at once: the page may be about to draw its buttons anew
          return button !== undefined;
        })()`);
      if (!pressed) throw new Error(`no “${label}” for ${this.name}: ${await this.status()}`);
    }, PATIENCE_MS);
  }

  status(): Promise<string> {
    return this.run(`document.querySelector('#status')?.textContent`);
  }

  async says(words: RegExp): Promise<void> {
    await eventually(async () => expect(await this.status()).toMatch(words), PATIENCE_MS);
  }

  /** Until both are in a call, on the way of which each sees and hears the other. */
  async call(other: ExamplePage): Promise<void> {
    await this.press(`Call ${other.name}`);
    await other.press('Accept');
    await this.talksTo(other);
  }

  async talksTo(other: ExamplePage): Promise<void> {
    await Promise.all([this.receives(), other.receives()]);
  }

  /** Waits until pictures and sound come in, and go on coming. */
  private async receives(): Promise<void> {
    let first: Received | undefined;
    await eventually(async () => {
      const now = await this.received();
      first ??= now;
      expect(now.width).toBeGreaterThan(0);
      expect(now.frames).toBeGreaterThan(first.frames + 3);
      expect(now.audioBytes).toBeGreaterThan(first.audioBytes);
    }, PATIENCE_MS);
  }

  /** Through the newest connection, and of it what is shown. */
  private received(): Promise<Received> {
    return this.run(`
      (async () => {
        const stats = [...((await connections.at(-1)?.getStats())?.values() ?? [])];
        const inbound = (kind) => stats.find((stat) => stat.type === 'inbound-rtp' && stat.kind === kind);
        return {
          width: document.querySelector('video').videoWidth,
          frames: inbound('video')?.framesDecoded ?? 0,
          audioBytes: inbound('audio')?.bytesReceived ?? 0,
        };
      })()`);
  }

  /** Tells what went wrong in it, as a developer would read in the console. */
  async close(): Promise<string[]> {
    const problems = await this.run<string[]>('problems');
    await this.tab.close();
    return problems;
  }

  /** Its line to the server is cut. The stock client comes back by itself, as somebody new. */
  async reconnects(): Promise<void> {
    const before = await this.run<string>('socket.id');
    this.server.app.get(PeerMessenger).close(before);
    await eventually(async () => {
      const now = await this.run<string | undefined>('socket.id');
      expect([undefined, before]).not.toContain(now);
    }, PATIENCE_MS);
  }
}

/** The service, a site that has the examples, and every browser that there is. */
export class ExampleStage {
  private readonly files = new Map(EXAMPLES.map((file) => [file, read(file)]));
  private pages: ExamplePage[] = [];
  private running: Running | undefined;

  static forThisFile(): ExampleStage {
    const stage = new ExampleStage();
    beforeAll(() => stage.start(), SET_UP_MS);
    afterEach(() => stage.clear());
    afterAll(() => stage.stop());
    return stage;
  }

  get server(): RunningApp {
    return this.started.server;
  }

  /** The page of the examples, with a user of this name. */
  async open(browser: BrowserName, name: string): Promise<ExamplePage> {
    const page = await this.visit(browser, name, `index.html?name=${name}`);
    await page.says(new RegExp(`You are ${name}`));
    return page;
  }

  /** A page with a video, the Socket.IO client, and this script. */
  async host(browser: BrowserName, name: string, script: string): Promise<ExamplePage> {
    const parts = [
      '<!doctype html><video autoplay playsinline></video>',
      `<script src="${SERVER}/socket.io/socket.io.js"></script>`,
      `<script type="module">${script}</script>`,
    ];
    this.files.set(`${name}.html`, parts.join('\n'));
    return this.visit(browser, name, `${name}.html`);
  }

  private async visit(browser: BrowserName, name: string, path: string): Promise<ExamplePage> {
    const { site, browsers } = this.started;
    const tab = await browsers[browser]?.newPage();
    if (tab === undefined) throw new Error(`there is no ${browser}`);
    const page = new ExamplePage(tab, name, this.server);
    this.pages.push(page);
    const { port } = site.address() as AddressInfo;
    await tab.goto(`http://localhost:${port}/${path}`); // a camera needs an origin that is trusted
    return page;
  }

  private async start(): Promise<void> {
    const server = await startApp();
    const site = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://localhost').pathname.slice(1);
      const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.writeHead(this.files.has(path) ? 200 : 404, { 'content-type': type });
      const text = this.files.get(path)?.replaceAll(SERVER, server.url);
      response.end(text?.replace(/socket\.io\.js"><\/script>/, `$&${INSTRUMENTS}`));
    });
    await once(site.listen(0), 'listening');
    const browsers: Running['browsers'] = { Chromium: await launchChromium() };
    if (hasFirefox) browsers.Firefox = await launchFirefox();
    this.running = { server, site, browsers };
  }

  private async clear(): Promise<void> {
    const pages = this.pages.splice(0);
    const problems = await Promise.all(pages.map((page) => page.close()));
    expect(problems.flat()).toEqual([]);
  }

  private async stop(): Promise<void> {
    const { server, site, browsers } = this.started;
    await Promise.all(Object.values(browsers).map((browser) => browser.close()));
    site.closeAllConnections();
    site.close();
    await server.close();
  }

  private get started(): Running {
    if (this.running === undefined) throw new Error('not started');
    return this.running;
  }
}

function read(file: string): string {
  return readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8');
}
