import { setTimeout } from 'node:timers/promises';
import { NAMES } from '../contestants.js';
import { RelayLoad } from '../generator/relay-load.js';
import type { Window } from '../generator/relaying-pair.js';
import { Meter } from '../measure/meter.js';
import { tooFewFilesFor } from '../measure/open-files.js';
import { type Reading, reading } from '../measure/reading.js';
import type { ServerProcess } from '../measure/server-process.js';
import type { Sizes } from '../sizes.js';
import type { Row, Scenario } from './scenario.js';

/** The reference's own figures in these rows are the speed of the machine. */
export const RELAY_ROWS = rows('');

/** How many messages a second of the server's CPU relays. */
export function relay(sizes: Sizes): Scenario {
  const { connections, rounds, measureMs } = sizes;
  return {
    name: 'relay',
    contestants: NAMES,
    server: 'unlimited',
    rounds: rounds.many,
    rows: RELAY_ROWS,
    run: (server) => relayAmong(connections, server, measureMs),
  };
}

/** The same among few connections, and among many. */
export function relayAtScale(connections: number, { rounds, measureMs }: Sizes): Scenario {
  return {
    name: 'relay-scale',
    contestants: ['tutorial', 'ws', 'peerjs', 'switchboard'],
    server: 'unlimited',
    rounds: rounds.few,
    rows: rows(`, ${connections.toLocaleString('en-US')} connections`),
    run: async (server) => {
      const problem = tooFewFilesFor(connections);
      if (problem !== undefined) return [problem, problem];
      return relayAmong(connections, server, measureMs);
    },
  };
}

function rows(among: string): [one: Row, ten: Row] {
  const unit = 'messages per CPU second';
  return [
    { title: `Relay, w=1${among}`, unit, better: 'more' },
    { title: `Relay, w=10${among}`, unit, better: 'more' },
  ];
}

async function relayAmong(
  connections: number,
  server: ServerProcess,
  measureMs: number,
): Promise<Reading[]> {
  const load = await RelayLoad.open(connections, server.client);
  const readings = [
    await measure(load, 1, server, measureMs),
    await measure(load, 10, server, measureMs),
  ];
  load.close();
  return readings;
}

/**
 * Whole cycles, since offers cost more than candidates: of many thousand pairs, which are all about
 * as far, part of a cycle would have too many of the one or the other.
 */
async function measure(
  load: RelayLoad,
  window: Window,
  { pid }: ServerProcess,
  forMs: number,
): Promise<Reading> {
  const before = load.delivered;
  const meter = new Meter(pid);
  load.start(window);
  await setTimeout(forMs);
  await load.stop();
  const consumed = meter.read();
  const delivered = load.delivered - before;
  return reading(delivered / consumed.serverSeconds, consumed);
}
