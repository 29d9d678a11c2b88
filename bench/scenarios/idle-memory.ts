import { setTimeout } from 'node:timers/promises';
import { type ContestantName, NAMES } from '../contestants.js';
import { openCrowd } from '../generator/crowd.js';
import { tooFewFilesFor } from '../measure/open-files.js';
import { residentBytes } from '../measure/process-stat.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

const FIRST_ONES = 100;
const KILOBYTE = 1_024;

/** What a connection that does nothing costs in memory. */
export function idleMemory(sizes: Sizes): Scenario {
  return scenario(sizes.idleConnections, NAMES, sizes);
}

/** The same of several times as many, which the heaviest servers are spared. */
export function idleMemoryOfMany(sizes: Sizes): Scenario {
  return scenario(sizes.manyIdleConnections, ['tutorial', 'ws', 'switchboard'], sizes);
}

function scenario(
  connections: number,
  contestants: readonly ContestantName[],
  { rounds, settleMs }: Sizes,
): Scenario {
  return {
    name: 'idle-memory',
    contestants,
    server: 'cold',
    rounds: rounds.few,
    rows: [
      {
        title: 'Memory per idle connection',
        unit: `KB of RSS, among ${connections.toLocaleString('en-US')}`,
        better: 'less',
      },
    ],
    run: async (server) => {
      const problem = tooFewFilesFor(FIRST_ONES + connections);
      if (problem !== undefined) return [problem];
      // What is only loaded and allocated for the first of them is not counted.
      await openCrowd(FIRST_ONES, server.client);
      await setTimeout(settleMs);
      const before = residentBytes(server.pid);
      const peers = await openCrowd(connections, server.client);
      await setTimeout(settleMs);
      const bytes = residentBytes(server.pid) - before;
      for (const peer of peers) peer.close();
      return [{ value: bytes / KILOBYTE / connections }];
    },
  };
}
