import { spawnSync } from 'node:child_process';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';
import { needPackages } from './system-package.js';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  // Without a network there is no mDNS to resolve the .local candidates that stand for addresses.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--autoplay-policy=no-user-gesture-required',
];

/** A real Chromium, from npm; only its three system libraries are Debian's. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await sparticuz.executablePath();
  needPackages(
    ['libnss3', 'libnspr4', 'libexpat1'],
    () => spawnSync(executablePath, ['--version']).status === 0,
  );
  return chromium.launch({ executablePath, args: ARGUMENTS, headless: true });
}
