import { setTimeout } from 'node:timers/promises';
import { openCrowd } from '../generator/crowd.js';
import { SocketIoPeer } from '../generator/socket-io-peer.js';
import { tooFewFilesFor } from '../measure/open-files.js';
import { residentBytes } from '../measure/process-stat.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

/** As many as may ring one device. */
const CALLS_PER_CALLER = 4;
const PROTOCOL_2 = { protocol: 2 };
const POLL_MS = 10;

/** What a live call costs in memory, beside the connections of its two parties. */
export function callMemory({ callers, settleMs, rounds }: Sizes): Scenario {
  const calls = callers * CALLS_PER_CALLER;
  return {
    name: 'call-memory',
    contestants: ['switchboard'],
    server: 'cold',
    rounds: rounds.few,
    rows: [
      {
        title: 'Memory per live call',
        unit: `bytes of RSS, among ${calls.toLocaleString('en-US')}`,
        better: 'less',
      },
    ],
    run: async (server) => {
      const problem = tooFewFilesFor(callers);
      if (problem !== undefined) return [problem];
      const peers = await openCrowd(callers, () => new SocketIoPeer(server, PROTOCOL_2));
      await setTimeout(settleMs);
      const before = residentBytes(server.pid);
      await callEachOther(peers);
      await setTimeout(settleMs);
      const bytes = residentBytes(server.pid) - before;
      for (const peer of peers) peer.close();
      return [{ value: bytes / calls }];
    },
  };
}

/** Everybody is in eight calls, four of them as the caller. Resolves once all are accepted. */
async function callEachOther(peers: readonly SocketIoPeer[]): Promise<void> {
  let accepted = 0;
  for (const peer of peers) {
    peer.listener = (event, payload) => {
      if (event === 'call') peer.accept(payload.text());
      if (event === 'callAccepted') accepted += 1;
    };
  }
  for (let distance = 1; distance <= CALLS_PER_CALLER; distance += 1) {
    peers.forEach((caller, index) => {
      const callee = peers[(index + distance) % peers.length];
      if (callee !== undefined) caller.send(caller.encode('call', callee.id));
    });
  }
  while (accepted < peers.length * CALLS_PER_CALLER) await setTimeout(POLL_MS);
}
