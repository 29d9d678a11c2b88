import { readFileSync } from 'node:fs';

/** Node raises its own limit as far as it may; the servers inherit the same. */
export function openFilesAllowed(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const [, soft] = /^Max open files\s+(\S+)/m.exec(limits) ?? [];
  return soft === 'unlimited' ? Infinity : Number(soft);
}
