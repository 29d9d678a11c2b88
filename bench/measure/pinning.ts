import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which core each side keeps to itself. */
export interface Cores {
  readonly server: number;
  readonly generator: number;
}

/** @returns the reason, where server and generator cannot each have a core of their own */
export function chooseCores(): Cores | string {
  if (spawnSync('taskset', ['--version']).error) return 'taskset is not installed';
  const status = readFileSync('/proc/self/status', 'latin1');
  const [, list = ''] = /^Cpus_allowed_list:\s+(.*)$/m.exec(status) ?? [];
  const [server, generator] = list.split(',').flatMap(range);
  if (server === undefined || generator === undefined) return 'there is only one core';
  return { server, generator };
}

/** With all threads that it has already. */
export function pinThisProcess(core: number): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', `${core}`, `${process.pid}`]);
}

function range(text: string): number[] {
  const [first = NaN, last = first] = text.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
