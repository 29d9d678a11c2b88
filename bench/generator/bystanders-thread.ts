import { parentPort, workerData } from 'node:worker_threads';
import { CONTESTANTS } from '../contestants.js';
import type { Report, Start } from './bystanders.js';
import type { Target } from './peer.js';
import { RelayLoad } from './relay-load.js';
import { SteadySender } from './steady-sender.js';

const CONNECTIONS = 40;
/** Ten a second each: half of what a server may take for a flood. */
const MESSAGES_PER_SECOND = 10 * CONNECTIONS;

const { name, port } = workerData as Start;
const target: Target = {
  port,
  fail: (error) => {
    throw error;
  },
};

const { lanes } = await RelayLoad.open(CONNECTIONS, () => CONTESTANTS[name].connect(target));
let sender = new SteadySender(lanes);
let watching = false;

parentPort?.on('message', (word: 'begin' | 'end') => {
  watching = word === 'begin';
  if (watching) void watch();
});
parentPort?.postMessage('ready');

async function watch(): Promise<void> {
  await sender.allDelivered();
  sender = new SteadySender(lanes);
  parentPort?.postMessage('begun');
  await sender.send(MESSAGES_PER_SECOND, () => !watching);
  const { longestMs, latestMs } = sender;
  parentPort?.postMessage({ longestMs, latestMs } satisfies Report);
}
