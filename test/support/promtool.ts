import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.js';
import { oneAtATime } from './system-package.js';

const CACHE = join(ROOT, 'node_modules/.cache');
const OWN = join(CACHE, 'promtool');

/**
 * Prometheus' own tool. Debian has it in one package with the server, which installing would start;
 * so where it is not there the package is fetched and the tool taken out, and nothing is installed.
 *
 * @throws {Error} where there is no apt to fetch it with
 */
export function promtool(): Promise<string> {
  return oneAtATime(find);
}

function find(): string {
  if (spawnSync('promtool', ['--version']).status === 0) return 'promtool';
  if (existsSync(OWN)) return OWN;
  mkdirSync(CACHE, { recursive: true });
  const aside = mkdtempSync(`${OWN}-`);
  try {
    const archive = download(aside);
    if (archive === undefined) throw new Error('please install: prometheus (for promtool)');
    execFileSync('dpkg-deb', ['--extract', archive, aside]);
    renameSync(join(aside, 'usr/bin/promtool'), OWN); // at once: nobody ever sees half of it
  } finally {
    rmSync(aside, { recursive: true });
  }
  return OWN;
}

function download(into: string): string | undefined {
  const get = () => spawnSync('apt-get', ['download', '-qq', 'prometheus'], { cwd: into }).status;
  // The second helps where the lists of packages are old, or were never there.
  if (get() !== 0 && spawnSync('apt-get', ['update', '-qq']).status === 0) get();
  const name = readdirSync(into).find((file) => file.endsWith('.deb'));
  return name === undefined ? undefined : join(into, name);
}
