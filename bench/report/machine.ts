import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Cores } from '../measure/pinning.js';
import { ROOT } from '../measure/server-process.js';

const PACKAGES = ['socket.io', '@nestjs/core', 'ws', 'peer'] as const;

/** What the figures depend on, in one sentence. */
export function machine(cores: Cores | string): string {
  const [first] = cpus();
  const pinned =
    typeof cores === 'string'
      ? `server and generator not pinned (${cores})`
      : 'server and generator pinned to a core each';
  const versions = PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ');
  return (
    `${first?.model ?? 'unknown CPU'}, ${cpus().length} cores, Linux, ${pinned}; ` +
    `Node ${process.version.slice(1)}, ${versions}.`
  );
}

function versionOf(name: string): string {
  const file = join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
