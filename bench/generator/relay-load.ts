import { type ContestantName, openPeer } from '../contestants.js';
import type { Target } from './peer.js';
import type { Lane } from './lane.js';
import { RelayingPair, type Window } from './relaying-pair.js';

const OPENING_AT_ONCE = 50;

/** Pairs in a call each, all of them relaying. */
export class RelayLoad {
  private constructor(private readonly pairs: RelayingPair[]) {}

  /** Connected, rung, and once through everything that is sent, which is compared in full. */
  static async open(name: ContestantName, target: Target, pairs: number): Promise<RelayLoad> {
    const opened: RelayingPair[] = [];
    while (opened.length < pairs) {
      const count = Math.min(OPENING_AT_ONCE, pairs - opened.length);
      opened.push(...(await Promise.all(Array.from({ length: count }, () => open(name, target)))));
    }
    const load = new RelayLoad(opened);
    load.start(1);
    await load.stop();
    return load;
  }

  get delivered(): number {
    return this.pairs.reduce((sum, { delivered }) => sum + delivered, 0);
  }

  get lanes(): Lane[] {
    return this.pairs.flatMap(({ offers, answers }) => [offers, answers]);
  }

  start(window: Window): void {
    for (const pair of this.pairs) pair.start(window);
  }

  async stop(): Promise<void> {
    await Promise.all(this.pairs.map((pair) => pair.stop()));
  }

  close(): void {
    for (const pair of this.pairs) pair.close();
  }
}

async function open(name: ContestantName, target: Target): Promise<RelayingPair> {
  const [caller, callee] = await Promise.all([openPeer(name, target), openPeer(name, target)]);
  return RelayingPair.ring(caller, callee);
}
