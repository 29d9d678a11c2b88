import { setTimeout } from 'node:timers/promises';
import { NAMES } from '../contestants.js';
import type { Lane } from '../generator/lane.js';
import { RelayLoad } from '../generator/relay-load.js';
import { Meter } from '../measure/meter.js';
import { reading } from '../measure/reading.js';
import { quantile } from '../measure/statistics.js';
import type { Scenario } from './scenario.js';

const TICK_MS = 1;
const PERCENTILES = [0.5, 0.99, 0.999];

/** How long a message takes at a rate that every server can bear. */
export const latency: Scenario = {
  name: 'latency',
  contestants: NAMES,
  environment: { RATE_LIMITS: 'off' },
  server: 'shared',
  rows: ['p50', 'p99', 'p99.9'].map((percentile) => ({
    title: `Latency, ${percentile}`,
    unit: 'ms at 5,000 messages per second',
    better: 'less',
  })),
  run: async (server, { connections, measureMs, messagesPerSecond }) => {
    const load = await RelayLoad.open(server.name, server, connections / 2);
    const meter = new Meter(server.pid);
    const latencies = await measure(load.lanes, messagesPerSecond, measureMs);
    const consumed = meter.read();
    load.close();
    return PERCENTILES.map((share) => reading(quantile(latencies, share), consumed));
  },
};

/** Sends by the clock and never waits: a server that falls behind does not get less to do. */
async function measure(lanes: Lane[], perSecond: number, durationMs: number): Promise<number[]> {
  const latencies: number[] = [];
  const sendings = lanes.map((lane) => {
    const sentAtMs: number[] = [];
    lane.onDelivered = () => latencies.push(performance.now() - (sentAtMs.shift() ?? NaN));
    return { lane, sentAtMs };
  });
  const total = (perSecond * durationMs) / 1_000;
  const startMs = performance.now();
  for (let sent = 0; sent < total;) {
    await setTimeout(TICK_MS);
    const due = Math.min(total, ((performance.now() - startMs) * perSecond) / 1_000);
    for (; sent < due; sent += 1) {
      const sending = sendings[sent % sendings.length];
      sending?.sentAtMs.push(performance.now());
      sending?.lane.sendNext();
    }
  }
  while (latencies.length < total) await setTimeout(TICK_MS);
  return latencies;
}
