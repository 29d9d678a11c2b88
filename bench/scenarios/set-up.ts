import { setTimeout } from 'node:timers/promises';
import type { Peer } from '../generator/peer.js';
import { SocketIoPeer } from '../generator/socket-io-peer.js';
import { Meter } from '../measure/meter.js';
import { reading } from '../measure/reading.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

/** Few, since those who are there at the same time hear of each other. */
const AT_ONCE = 8;
const SETTLE_MS = 300;

const HELLO = Buffer.concat([
  SocketIoPeer.event('register', 'Ana'),
  SocketIoPeer.event('getOnlineUsers'),
]);

/** How many pages a second of the server's CPU lets in: from the first packet to the first list. */
export function setUp({ measureMs, rounds }: Sizes): Scenario {
  return {
    name: 'set-up',
    contestants: ['tutorial', 'nest', 'switchboard', 'switchboardStock'],
    server: 'unlimited',
    rounds: rounds.some,
    rows: [{ title: 'Connect and register', unit: 'connections per CPU second', better: 'more' }],
    run: async (server) => {
      const visitors = new Visitors(server.client);
      const visiting = visitors.comeAndGo();
      await setTimeout(SETTLE_MS);
      const before = visitors.count;
      const meter = new Meter(server.pid);
      await setTimeout(measureMs);
      const consumed = meter.read();
      const count = visitors.count - before;
      visitors.stop();
      await visiting;
      return [reading(count / consumed.serverSeconds, consumed)];
    },
  };
}

class Visitors {
  count = 0;
  private going = true;

  constructor(private readonly create: () => Peer) {}

  async comeAndGo(): Promise<void> {
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.oneAfterAnother()));
  }

  stop(): void {
    this.going = false;
  }

  private async oneAfterAnother(): Promise<void> {
    while (this.going) {
      const peer = this.create();
      await peer.opened;
      const list = peer.next('onlineUsers');
      peer.send(HELLO);
      await list;
      peer.close();
      this.count += 1;
    }
  }
}
