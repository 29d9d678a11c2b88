import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/**
 * Makes Debian packages available that a test needs and npm does not have: installs them where it
 * may (root, apt), and says what is missing where it may not.
 *
 * @throws {Error} naming the packages to install by hand
 */
export function needPackages(packages: string[], isThere: () => boolean): void {
  if (isThere()) return;
  const names = packages.join(' ');
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    throw new Error(`this test needs Debian's ${names}, and may not install them: please do`);
  }
  process.stderr.write(`installing ${names}, which this test needs\n`);
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  if (!isThere()) throw new Error(`installed ${names}, and what they are for still does not run`);
}

function apt(...command: string[]): void {
  execFileSync('apt-get', command, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Test files run side by side, and apt does not. The system frees an abstract socket with its owner. */
export async function oneAtATime<T>(act: () => T): Promise<T> {
  for (;;) {
    const lock = createServer();
    try {
      lock.listen('\0switchboard-set-up');
      await once(lock, 'listening');
    } catch {
      await setTimeout(50);
      continue;
    }
    try {
      return act();
    } finally {
      lock.close();
    }
  }
}
