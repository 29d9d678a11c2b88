import { execFileSync, spawnSync } from 'node:child_process';

/**
 * Makes Debian packages available that a test needs and npm does not have: installs them where it
 * may (root, apt), and says what is missing where it may not.
 *
 * @throws {Error} naming the packages to install by hand
 */
export function needPackages(packages: string[], isThere: () => boolean): void {
  if (isThere()) return;
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    throw new Error(`please install: ${packages.join(' ')}`);
  }
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (!isThere()) throw new Error(`installed ${packages.join(' ')}, and still not there`);
}
