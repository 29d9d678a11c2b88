/// <reference lib="dom" />
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { type RunningApp, startApp } from '../support/app.js';
import { launchChromium } from '../support/chromium.js';

const SET_UP_MS = 180_000;

describe('CORS_ORIGINS in a browser', () => {
  let browser: Browser;
  let site: Server;
  let server: RunningApp;
  /** Two origins of one site, of which the first is listed, and a name that leads to this server. */
  let listed: string;
  let foreign: string;
  let service: string;
  let rebound: string;

  beforeAll(async () => {
    browser = await launchChromium();
    site = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<p>'));
    await once(site.listen(0, '127.0.0.1'), 'listening');
    const { port } = site.address() as AddressInfo;
    listed = `http://127.0.0.1:${port}`;
    foreign = `http://foreign.localhost:${port}`;
    server = await startApp({
      CORS_ORIGINS: listed,
      PING_INTERVAL_MS: '1000', // pages that poll go without a word, and are missed by this alone
      PING_TIMEOUT_MS: '1000',
    });
    service = `http://localhost:${new URL(server.url).port}`;
    rebound = service.replace('localhost', 'evil.localhost');
  }, SET_UP_MS);
  afterAll(async () => {
    await browser.close();
    site.close();
    await server.close();
  });

  const open = async (url: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(url);
    return page;
  };

  /** With the client that the service has, by a script tag; resolves with how that ended. */
  const connects = async (page: Page, url: string, options: object): Promise<string> => {
    await page.addScriptTag({ url: `${url}/socket.io/socket.io.js` });
    const ended = await page.evaluate(
      `new Promise((resolve) => {
        const socket = io(${JSON.stringify(url)}, ${JSON.stringify(options)});
        socket.on('connect', () => resolve('connected'));
        socket.on('connect_error', ({ message }) => resolve(message));
      })`,
    );
    await page.close();
    return ended as string;
  };

  it.each(['polling', 'websocket'])('a listed page connects over %s, with cookies', async (way) => {
    const options = { transports: [way], withCredentials: true };
    expect(await connects(await open(listed), service, options)).toBe('connected');
  });

  it.each(['polling', 'websocket'])('a page of the server itself connects over %s', async (way) => {
    const page = await open(`${service}/health/live`);
    expect(await connects(page, service, { transports: [way] })).toBe('connected');
  });

  it('a foreign page does not', async () => {
    const told = await connects(await open(foreign), service, { transports: ['websocket'] });
    expect(told).toBe('this origin is not allowed');
  });

  it('a page whose own name was made to lead here does not', async () => {
    const page = await open(`${rebound}/health/live`);
    const told = await connects(page, rebound, { transports: ['websocket'] });
    expect(told).toBe('this origin is not allowed');
  });

  it('a foreign page reads nothing by JSONP', async () => {
    const page = await open(foreign);
    const heard = await page.evaluate(
      `new Promise((resolve) => {
        const heard = [];
        window.___eio = [(text) => heard.push(text)];
        const script = document.createElement('script');
        script.src = ${JSON.stringify(`${service}/socket.io/?EIO=4&transport=polling&j=0`)};
        script.onload = script.onerror = () => resolve(heard);
        document.head.append(script);
      })`,
    );
    expect(heard).toEqual([]);
    await page.close();
  });
});
