import { readFileSync } from 'node:fs';
import type { Problem } from './reading.js';

/** Beside its connections a process has its own files open. */
const SPARE_FILES = 100;

/** What keeps this process and a server from having so many connections, if anything does. */
export function tooFewFilesFor(connections: number): Problem | undefined {
  const files = connections + SPARE_FILES;
  return openFilesAllowed() < files
    ? { problem: `needs \`ulimit -n ${files}\``, final: true }
    : undefined;
}

/** Node raises its own limit as far as it may; the servers inherit the same. */
function openFilesAllowed(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const [, soft] = /^Max open files\s+(\S+)/m.exec(limits) ?? [];
  return soft === 'unlimited' ? Infinity : Number(soft);
}
