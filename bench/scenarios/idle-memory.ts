import { setTimeout } from 'node:timers/promises';
import { NAMES } from '../contestants.js';
import { openCrowd } from '../generator/crowd.js';
import { openFilesAllowed } from '../measure/open-files.js';
import { residentBytes } from '../measure/process-stat.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

const FIRST_ONES = 100;
const SPARE_FILES = 100;
const KILOBYTE = 1_024;

/** What a connection that does nothing costs in memory. */
export function idleMemory({ idleConnections, settleMs }: Sizes): Scenario {
  return {
    name: 'idle-memory',
    contestants: NAMES,
    server: 'cold',
    rows: [
      {
        title: 'Memory per idle connection',
        unit: `KB of RSS, among ${idleConnections.toLocaleString('en-US')}`,
        better: 'less',
      },
    ],
    run: async (server) => {
      const files = FIRST_ONES + idleConnections + SPARE_FILES;
      if (openFilesAllowed() < files) {
        return [{ problem: `needs \`ulimit -n ${files}\``, final: true }];
      }
      // What is only loaded and allocated for the first of them is not counted.
      await openCrowd(FIRST_ONES, server.client);
      await setTimeout(settleMs);
      const before = residentBytes(server.pid);
      const peers = await openCrowd(idleConnections, server.client);
      await setTimeout(settleMs);
      const bytes = residentBytes(server.pid) - before;
      for (const peer of peers) peer.close();
      return [{ value: bytes / KILOBYTE / idleConnections }];
    },
  };
}
