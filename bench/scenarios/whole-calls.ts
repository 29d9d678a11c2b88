import { setTimeout } from 'node:timers/promises';
import { CallingPair } from '../generator/calling-pair.js';
import { openCrowd } from '../generator/crowd.js';
import { inPairs } from '../generator/relay-load.js';
import { SocketIoPeer } from '../generator/socket-io-peer.js';
import { Meter } from '../measure/meter.js';
import { reading } from '../measure/reading.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

const SETTLE_MS = 300;

/** How many calls, from ring to hang-up, a second of the server's CPU carries. */
export function wholeCalls({ connections, measureMs, rounds }: Sizes): Scenario {
  return {
    name: 'calls',
    // The tutorial's server knows of no calls: it relays the same messages, but for the `accept`.
    contestants: ['tutorial', 'switchboard'],
    server: 'unlimited',
    rounds: rounds.some,
    rows: [{ title: 'Whole calls', unit: 'calls per CPU second', better: 'more' }],
    run: async (server) => {
      const peers = await openCrowd(connections, () => new SocketIoPeer(server));
      const pairs = inPairs(peers).map(([caller, callee]) => new CallingPair(caller, callee));
      const ended = (): number => pairs.reduce((sum, pair) => sum + pair.ended, 0);
      for (const pair of pairs) pair.start();
      await setTimeout(SETTLE_MS);
      const before = ended();
      const meter = new Meter(server.pid);
      await setTimeout(measureMs);
      const consumed = meter.read();
      const count = ended() - before;
      await Promise.all(pairs.map((pair) => pair.stop()));
      for (const pair of pairs) pair.close();
      return [reading(count / consumed.serverSeconds, consumed)];
    },
  };
}
