import { spawnSync } from 'node:child_process';
import puppeteer, { type Browser } from 'puppeteer-core';
import { needPackages, oneAtATime } from './system-package.js';

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
};
const PATIENCE_MS = 120_000;

/** The one that is there, or Debian's; installed where that is allowed. */
const executable = await oneAtATime(() => {
  const find = (): string | undefined => {
    const look = 'command -v firefox-esr || command -v firefox';
    const path = spawnSync('sh', ['-c', look], { encoding: 'utf8' }).stdout.trim();
    return path !== '' && spawnSync(path, ['--version']).status === 0 ? path : undefined;
  };
  try {
    needPackages(['firefox-esr'], () => find() !== undefined);
  } catch (error) {
    if (process.env.CI) throw error;
    process.stderr.write(`skipped: ${String(error)}\n`);
  }
  return find();
});

export const hasFirefox = executable !== undefined;

/** What needs a Firefox. On a developer's machine it is skipped where there is none. */
export const describeWithFirefox = hasFirefox ? describe : describe.skip;

/** A real Firefox with made-up devices, driven over WebDriver BiDi. */
export function launchFirefox(): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: executable,
    extraPrefsFirefox: PREFERENCES,
    timeout: PATIENCE_MS,
    protocolTimeout: PATIENCE_MS,
  });
}
