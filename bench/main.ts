import { Bench } from './bench.js';
import { chooseCores, pinThisProcess } from './measure/pinning.js';
import { type Options, parseOptions, usage } from './options.js';
import { writeDocument } from './report/document.js';
import { machine } from './report/machine.js';
import { Progress } from './report/progress.js';
import { speed } from './report/speed.js';
import { table } from './report/table.js';
import { allScenarios } from './scenarios/all.js';
import { FULL } from './sizes.js';

const SCENARIO_NAMES = [...new Set(allScenarios(FULL).map(({ name }) => name))];

// The servers end with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const options = optionsOrExit();
if (options.help) console.log(usage(SCENARIO_NAMES));
else await bench(options);

async function bench({ sizes, contestants, scenarios, write }: Options): Promise<void> {
  if (process.platform !== 'linux') {
    console.error('The benchmark needs Linux: it reads /proc.');
    process.exit(1);
  }
  const progress = new Progress();
  const cores = chooseCores();
  if (typeof cores === 'string') progress.say(`server and generator are not pinned: ${cores}`);
  else pinThisProcess(cores.generator);
  const serverCore = typeof cores === 'string' ? undefined : cores.server;
  const run = new Bench(sizes, contestants, serverCore, progress);
  await run.run(allScenarios(sizes).filter(({ name }) => scenarios?.includes(name) ?? true));
  const today = new Date().toISOString().slice(0, 10);
  const circumstances = `${today}. ${machine(cores)} ${speed(run.results)}`.trimEnd();
  console.log(`\n${circumstances}\n\n${table(run.results)}`);
  if (write) writeDocument(run.results, circumstances);
  process.exit(run.failed ? 1 : 0); // with whatever a failed scenario still waits for
}

function optionsOrExit(): Options {
  try {
    return parseOptions(process.argv.slice(2), SCENARIO_NAMES);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage(SCENARIO_NAMES)}`);
    process.exit(1);
  }
}
