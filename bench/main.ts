import { Bench } from './bench.js';
import { chooseCores, pinThisProcess } from './measure/pinning.js';
import { type Options, parseOptions, USAGE } from './options.js';
import { Progress } from './report/progress.js';
import { table } from './report/table.js';
import { allScenarios } from './scenarios/all.js';
import { FULL } from './sizes.js';

if (process.platform !== 'linux') {
  console.error('The benchmark reads /proc and dials from 127.0.0.2 and on: it needs Linux.');
  process.exit(1);
}
// The servers end with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

await bench(optionsOrExit());

async function bench({ sizes, contestants, scenarios }: Options): Promise<void> {
  const progress = new Progress();
  const cores = chooseCores();
  if (typeof cores === 'string') progress.say(`server and generator share cores: ${cores}`);
  else pinThisProcess(cores.generator);
  const serverCore = typeof cores === 'string' ? undefined : cores.server;
  const run = new Bench(sizes, contestants, serverCore, progress);
  await run.run(allScenarios(sizes).filter(({ name }) => scenarios?.includes(name) ?? true));
  console.log(`\n${table(run.results)}`);
  process.exitCode = run.failed ? 1 : 0;
}

function optionsOrExit(): Options {
  try {
    const names = new Set(allScenarios(FULL).map(({ name }) => name));
    return parseOptions(process.argv.slice(2), [...names]);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(1);
  }
}
