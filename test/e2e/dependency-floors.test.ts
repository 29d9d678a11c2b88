import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Installed {
  name: string;
  version: string;
  path: string;
}

/** Below these versions lie known ways to crash the service or to fill its memory from outside. */
const FLOORS: Record<string, string> = {
  'socket.io-parser': '4.2.6',
  'engine.io': '6.6.9',
  ws: '8.21.0',
};

const installed = packagesIn(fileURLToPath(new URL('../../node_modules', import.meta.url)));
const copiesOf = (wanted: string) => installed.filter(({ name }) => name === wanted);

describe('the installed packages', () => {
  it.each(Object.entries(FLOORS))('include no %s below %s, nested copies too', (name, floor) => {
    const copies = copiesOf(name);
    expect(copies).not.toEqual([]);
    expect(copies.filter(({ version }) => isBelow(version, floor))).toEqual([]);
  });

  it('include one socket.io: a second would not recognise the sockets of the first', () => {
    expect(copiesOf('socket.io')).toHaveLength(1);
  });
});

/** Every package below a `node_modules`, however deeply nested. */
function packagesIn(directory: string): Installed[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.name.startsWith('@')) return packagesIn(path); // a scope: packages one level down
      return [...packageAt(path), ...packagesIn(join(path, 'node_modules'))];
    });
}

function packageAt(path: string): Installed[] {
  const file = join(path, 'package.json');
  if (!existsSync(file)) return [];
  const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Omit<Installed, 'path'>;
  return [{ name, version, path }];
}

function isBelow(version: string, floor: string): boolean {
  const [ours, theirs] = [version, floor].map((text) => text.split(/[.-]/).map(Number));
  for (const [i, part] of (theirs ?? []).entries()) {
    const own = ours?.[i] ?? 0;
    if (own !== part) return own < part;
  }
  return version.includes('-'); // a prerelease of the floor itself
}
