/*
 * Takes the pictures in docs/screenshots from real calls: `npm run screenshots`. The service is the
 * built one, the browser the one of the tests, and what would come from a camera is painted.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '../..');
const PICTURES = join(ROOT, 'docs/screenshots');
// Where test/support/chromium.ts has put it.
const CHROMIUM = join(ROOT, 'node_modules/@sparticuz/chromium/unpacked/chromium');
const DESKTOP = { viewport: { width: 1280, height: 664 } };
const PHONE = { viewport: { width: 390, height: 760 }, hasTouch: true };
const PEOPLE = {
  Ada: { wall: ['#f0d9c0', '#c98f6b'], shirt: '#2f5d50', skin: '#e8b592', hair: '#4a2c20' },
  Grace: { wall: ['#c5dbe4', '#6f97ab'], shirt: '#b4503c', skin: '#a86f4c', hair: '#211a1c' },
  Edsger: { wall: ['#dcd6ec', '#8d82b5'], shirt: '#3b3f66', skin: '#f0c7a5', hair: '#b98a4a' },
};

async function startService() {
  const service = spawn(process.execPath, [join(ROOT, 'dist/main.js')], {
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(service.stdout)) {
    const [url] = /http:\/\/[\w.:[\]]+/.exec(line) ?? [];
    if (!url) continue;
    service.stdout.resume();
    return { service, url };
  }
  throw new Error('the service did not start');
}

/* global document, navigator, setInterval -- what runs in the page finds there */

/** Runs in the page: its camera shows somebody who sits in front of a wall and breathes. */
function paintCamera({ wall, shirt, skin, hair }) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const brush = canvas.getContext('2d');
  const oval = (color, x, y, width, height) => {
    brush.fillStyle = color;
    brush.beginPath();
    brush.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
    brush.fill();
  };
  const paint = () => {
    const sway = Math.sin(Date.now() / 900) * 4;
    const light = brush.createRadialGradient(420, 160, 60, 640, 360, 900);
    wall.forEach((color, index) => light.addColorStop(index, color));
    brush.fillStyle = light;
    brush.fillRect(0, 0, 1280, 720);
    oval(hair, 640 + sway, 330, 158, 190); // behind the head
    oval(shirt, 640, 790 + sway / 2, 330, 250);
    brush.fillStyle = skin;
    brush.fillRect(592, 440, 96, 130);
    oval(skin, 640, 566, 66, 40);
    oval('rgb(0 0 0 / 12%)', 640 + sway, 462, 62, 34);
    oval(skin, 640 + sway, 345, 118, 150);
    brush.fillStyle = hair;
    brush.beginPath();
    brush.ellipse(640 + sway, 262, 132, 92, 0, Math.PI, 2 * Math.PI);
    brush.quadraticCurveTo(700 + sway, 236, 600 + sway, 262);
    brush.quadraticCurveTo(540 + sway, 300, 516 + sway, 340);
    brush.fill();
    for (const x of [594, 686]) oval('#2a2320', x + sway, 352, 10, 12);
    brush.lineWidth = 7;
    brush.lineCap = 'round';
    brush.strokeStyle = 'rgb(90 40 35 / 75%)';
    brush.beginPath();
    brush.arc(640 + sway, 396, 40, 0.25 * Math.PI, 0.75 * Math.PI);
    brush.stroke();
  };
  paint();
  setInterval(paint, 50);
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async ({ audio }) => {
    const stream = await open({ audio });
    stream.addTrack(canvas.captureStream(20).getVideoTracks()[0]);
    return stream;
  };
}

if (!existsSync(CHROMIUM)) throw new Error('Run the browser tests first: they unpack a Chromium.');
const { service, url } = await startService();
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks',
  ],
});

async function enter(name, options) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.addInitScript(paintCamera, PEOPLE[name]);
  await page.goto(`${url}/demo/`);
  await page.fill('#name', name);
  await page.click('#join:enabled');
  await page.getByText('You are online as').waitFor();
  return page;
}

const call = (page, name) => page.getByRole('button', { name: `Call ${name}` }).click();
const reach = (page, state) => page.waitForSelector(`body[data-state=${state}]`);
const take = (page, name) => page.screenshot({ path: join(PICTURES, `${name}.png`) });

try {
  await mkdir(PICTURES, { recursive: true });
  const ada = await enter('Ada', { ...DESKTOP, colorScheme: 'light' });
  const grace = await enter('Grace', { ...PHONE, colorScheme: 'dark' });
  await enter('Edsger', { ...PHONE, colorScheme: 'dark' });
  await ada.getByRole('button', { name: 'Call Edsger' }).waitFor();
  await ada.locator('#people-title').focus();
  await take(ada, 'idle');

  await call(ada, 'Grace');
  await reach(grace, 'incoming');
  await take(grace, 'incoming');

  await grace.click('#accept');
  await Promise.all([reach(ada, 'connected'), reach(grace, 'connected')]);
  await Promise.all([ada.mouse.move(0, 0), grace.mouse.move(0, 0)]);
  await ada.waitForTimeout(30_000); // the charts fill
  await take(ada, 'connected');
  await take(grace, 'connected-phone');
} finally {
  await browser.close();
  service.kill();
}
