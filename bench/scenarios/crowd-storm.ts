import { setTimeout } from 'node:timers/promises';
import { Bystanders } from '../generator/bystanders.js';
import { openCrowd } from '../generator/crowd.js';
import type { Peer } from '../generator/peer.js';
import { SocketIoPeer } from '../generator/socket-io-peer.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

const REGISTER = SocketIoPeer.event('register', 'Ana');
const POLL_MS = 10;

/** How long an unrelated pair waits when many of a crowd leave, or register, in the same moment. */
export function crowdStorm({ crowd, some, settleMs, rounds }: Sizes): Scenario {
  const unit = 'ms that another pair waits';
  const among = crowd.toLocaleString('en-US');
  return {
    name: 'crowd-storm',
    contestants: ['tutorial', 'switchboard'],
    server: 'shipped',
    rounds: rounds.few,
    rows: [
      { title: `${some} of ${among} leave`, unit, better: 'less' },
      { title: `${some} register among ${among}`, unit, better: 'less' },
    ],
    run: async (server) => {
      // Only those who leave or come are registered: nobody hears of the others.
      const leaving = await openCrowd(some, server.client);
      await register(leaving, leaving, settleMs);
      const staying = await openCrowd(crowd - some, server.client);
      const bystanders = await Bystanders.join(server);
      const whenLeaving = await bystanders.longestWaitDuring(() => leave(leaving, staying));
      const coming = await openCrowd(some, server.client);
      const whenComing = await bystanders.longestWaitDuring(() =>
        register(coming, staying, settleMs),
      );
      await bystanders.leave();
      for (const peer of [...staying, ...coming]) peer.close();
      return [whenLeaving, whenComing];
    },
  };
}

/** Resolves once everybody who stays has heard of everybody who left. */
async function leave(leaving: readonly Peer[], staying: readonly Peer[]): Promise<void> {
  const heard = counting(staying, 'userDisconnected');
  for (const peer of leaving) peer.close();
  while (heard() < leaving.length * staying.length) await setTimeout(POLL_MS);
}

/** Resolves once nobody hears of it any more: a server may tell of several who came in one. */
async function register(
  coming: readonly Peer[],
  staying: readonly Peer[],
  quietMs: number,
): Promise<void> {
  const heard = counting(staying, 'userConnected');
  for (const peer of coming) peer.send(REGISTER);
  for (let before = -1; before < heard();) {
    before = heard();
    await setTimeout(quietMs);
  }
}

function counting(peers: readonly Peer[], what: string): () => number {
  let count = 0;
  for (const peer of peers) peer.listener = (event) => (count += event === what ? 1 : 0);
  return () => count;
}
