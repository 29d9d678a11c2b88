import { setTimeout } from 'node:timers/promises';
import { RelayLoad } from './generator/relay-load.js';
import { SteadySender } from './generator/steady-sender.js';
import type { ServerProcess } from './measure/server-process.js';
import type { ServerKind } from './scenarios/scenario.js';
import type { Sizes } from './sizes.js';

/** Half of what Switchboard lets a connection send. */
const HONEST_PER_SECOND = 10;

/** Lets a server relay until its code has been compiled, as far as its kind allows. */
export async function warmUp(
  server: ServerProcess,
  kind: ServerKind,
  { connections, warmUpMs }: Sizes,
): Promise<void> {
  if (kind === 'cold') return;
  const load = await RelayLoad.open(connections, server.client);
  if (kind === 'unlimited') await relayFor(load, warmUpMs);
  else await sendFor(load, connections * HONEST_PER_SECOND, warmUpMs);
  load.close();
}

async function relayFor(load: RelayLoad, ms: number): Promise<void> {
  for (const window of [1, 10] as const) {
    load.start(window);
    await setTimeout(ms / 2);
    await load.stop();
  }
}

async function sendFor(load: RelayLoad, perSecond: number, ms: number): Promise<void> {
  const sender = new SteadySender(load.lanes);
  await sender.send(perSecond, (elapsedMs) => elapsedMs >= ms);
  await sender.allDelivered();
}
