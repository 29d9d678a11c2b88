import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { needPackages, oneAtATime } from './system-package.js';

const PACKAGE = fileURLToPath(new URL('../../node_modules/@sparticuz/chromium/', import.meta.url));
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
  // Without a network there is no mDNS to resolve the .local candidates that stand for addresses; and
  // a page that a test makes up has no address, so it would have to ask before it reaches this one.
  '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks',
];

/** A real Chromium, from npm; only its three system libraries are Debian's. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await oneAtATime(() => {
    const path = unpackChromium();
    needPackages(
      ['libnss3', 'libnspr4', 'libexpat1'],
      () => spawnSync(path, ['--version']).status === 0,
    );
    return path;
  });
  return chromium.launch({ executablePath, args: ARGUMENTS, headless: true });
}

/**
 * Left alone, the package unpacks itself into the directory for temporary files, and takes for whole
 * whatever it finds there, of any version. Here it stays with its package, and only gets its final
 * name once it is complete.
 */
function unpackChromium(): string {
  const home = join(PACKAGE, 'unpacked');
  if (!existsSync(home)) {
    const unfinished = mkdtempSync(`${home}-`);
    const script = `(await import('@sparticuz/chromium')).default.executablePath()`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: PACKAGE,
      env: { ...process.env, TMPDIR: unfinished },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`Chromium could not be unpacked: ${stderr}`);
    renameSync(unfinished, home);
  }
  return join(home, 'chromium');
}
