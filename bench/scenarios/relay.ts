import { setTimeout } from 'node:timers/promises';
import { NAMES } from '../contestants.js';
import { RelayLoad } from '../generator/relay-load.js';
import type { Window } from '../generator/relaying-pair.js';
import { Meter } from '../measure/meter.js';
import { type Reading, reading } from '../measure/reading.js';
import type { ServerProcess } from '../measure/server-process.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

const SETTLE_MS = 300;

/** How many messages a second of the server's CPU relays. */
export function relay({ connections, measureMs }: Sizes): Scenario {
  return {
    name: 'relay',
    contestants: NAMES,
    server: 'unlimited',
    rows: [
      { title: 'Relay, w=1', unit: 'messages per CPU second', better: 'more' },
      { title: 'Relay, w=10', unit: 'messages per CPU second', better: 'more' },
    ],
    run: async (server) => {
      const load = await RelayLoad.open(connections, server.client);
      const readings = [
        await measure(load, 1, server, measureMs),
        await measure(load, 10, server, measureMs),
      ];
      load.close();
      return readings;
    },
  };
}

async function measure(
  load: RelayLoad,
  window: Window,
  { pid }: ServerProcess,
  forMs: number,
): Promise<Reading> {
  load.start(window);
  await setTimeout(SETTLE_MS);
  const before = load.delivered;
  const meter = new Meter(pid);
  await setTimeout(forMs);
  const consumed = meter.read();
  const delivered = load.delivered - before;
  await load.stop();
  return reading(delivered / consumed.serverSeconds, consumed);
}
