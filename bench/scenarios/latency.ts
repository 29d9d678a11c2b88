import { NAMES } from '../contestants.js';
import { RelayLoad } from '../generator/relay-load.js';
import { SteadySender } from '../generator/steady-sender.js';
import { Meter } from '../measure/meter.js';
import { reading } from '../measure/reading.js';
import { quantile } from '../measure/statistics.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

const PERCENTILES = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 } as const;

/** How long a message takes at a rate that every server can bear. */
export function latency({ connections, measureMs, messagesPerSecond, rounds }: Sizes): Scenario {
  return {
    name: 'latency',
    contestants: NAMES,
    server: 'unlimited',
    rounds: rounds.some,
    rows: Object.keys(PERCENTILES).map((percentile) => ({
      title: `Latency, ${percentile}`,
      unit: `ms at ${messagesPerSecond.toLocaleString('en-US')} messages per second`,
      better: 'less',
    })),
    run: async (server) => {
      const load = await RelayLoad.open(connections, server.client);
      const sender = new SteadySender(load.lanes);
      const meter = new Meter(server.pid);
      await sender.send(messagesPerSecond, (elapsedMs) => elapsedMs >= measureMs);
      await sender.allDelivered();
      const consumed = meter.read();
      load.close();
      return Object.values(PERCENTILES).map((share) =>
        reading(quantile(sender.latencies, share), consumed),
      );
    },
  };
}
