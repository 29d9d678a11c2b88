import { openCrowd } from './crowd.js';
import type { Lane } from './lane.js';
import type { Peer } from './peer.js';
import { RelayingPair, type Window } from './relaying-pair.js';

/** Pairs in a call each, all of them relaying. */
export class RelayLoad {
  private constructor(private readonly pairs: RelayingPair[]) {}

  /** Connected, rung, and once through everything that is sent, which is compared in full. */
  static async open(connections: number, create: () => Peer): Promise<RelayLoad> {
    const peers = await openCrowd(connections, create);
    const load = new RelayLoad(
      await Promise.all(inPairs(peers).map((pair) => RelayingPair.ring(pair))),
    );
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

export function inPairs<P extends Peer>(peers: readonly P[]): [caller: P, callee: P][] {
  const half = peers.length / 2;
  return peers.slice(0, half).map((caller, index) => [caller, peers[half + index] ?? caller]);
}
