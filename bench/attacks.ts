import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Start } from './generator/attackers-thread.js';
import { ATTACKS } from './generator/attacks.js';
import { Bystanders } from './generator/bystanders.js';
import { Meter } from './measure/meter.js';
import { chooseCores, pinThisProcess } from './measure/pinning.js';
import { residentBytes } from './measure/process-stat.js';
import { ServerProcess } from './measure/server-process.js';
import { figure, percent } from './report/format.js';

/** What one client, and what twenty cost everybody else who send one thing as fast as it goes. */
const CLIENTS = [1, 20];
const SAMPLE_MS = 20;
const BYTES_PER_MB = 1024 * 1024;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
});
const seconds = Number(values.seconds);

const cores = chooseCores();
if (typeof cores === 'string') console.error(`server and clients are not pinned: ${cores}`);
else pinThisProcess(cores.generator);

console.log(
  '| what comes without end | clients | others wait at most (ms) | memory (MB) | CPU | cut off |',
);
console.log('|---|--:|--:|--:|--:|--:|');
for (const [attack, { title }] of ATTACKS.entries()) {
  if (!title.includes(values.only)) continue;
  for (const clients of CLIENTS) {
    const cells = await measure({ attack, clients });
    console.log(`| ${[title, clients, ...cells].join(' | ')} |`);
  }
}
process.exit();

async function measure(start: Omit<Start, 'port'>): Promise<string[]> {
  const server = await ServerProcess.start(
    'switchboard',
    {},
    typeof cores === 'string' ? undefined : cores.server,
  );
  const bystanders = await server.orFails(Bystanders.join(server));
  const before = residentBytes(server.pid);
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, residentBytes(server.pid))), SAMPLE_MS);
  const meter = new Meter(server.pid);
  let cutOff = 0;
  const longest = await server.orFails(
    bystanders.longestWaitDuring(async () => {
      const workerData: Start = { ...start, port: server.port };
      const attackers = new Worker(new URL('./generator/attackers-thread.js', import.meta.url), {
        workerData,
      });
      await setTimeout(seconds * 1_000);
      attackers.postMessage('how often?');
      [cutOff] = (await once(attackers, 'message')) as [number];
      await attackers.terminate();
    }),
  );
  const { serverShare } = meter.read();
  clearInterval(sampling);
  await bystanders.leave();
  await server.stop();
  return [
    'value' in longest ? figure(longest.value) : longest.problem,
    figure((most - before) / BYTES_PER_MB),
    percent(serverShare),
    String(cutOff),
  ];
}
