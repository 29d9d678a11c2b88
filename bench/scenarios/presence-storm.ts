import type { ContestantName } from '../contestants.js';
import { Bystanders } from '../generator/bystanders.js';
import { PresenceWatcher } from '../generator/presence-watcher.js';
import { Storm } from '../generator/storm.js';
import { TutorialPage } from '../generator/tutorial-page.js';
import { Meter } from '../measure/meter.js';
import { type Reading, reading } from '../measure/reading.js';
import type { ServerProcess } from '../measure/server-process.js';
import { figure } from '../report/format.js';
import type { Sizes } from '../sizes.js';
import type { Scenario } from './scenario.js';

const MEGABYTE = 1e6;

/** What it costs that many join, one every 5 ms, until everybody has everybody on its list. */
export function presenceStorm(joining: number, { stormLimitMs, rounds }: Sizes): Scenario {
  return scenario(
    `${joining.toLocaleString('en-US')} join`,
    ['tutorial', 'switchboard'],
    rounds.few,
    (server) =>
      new Storm(joining, stormLimitMs, (number) => new TutorialPage(server.client(), number)),
  );
}

/** The same where every other one watches instead of asking, which the tutorial does not have. */
export function watchedStorm(joining: number, { stormLimitMs, rounds }: Sizes): Scenario {
  const title = `${joining.toLocaleString('en-US')} join, half of them watching`;
  return scenario(
    title,
    ['switchboard'],
    rounds.few,
    (server) =>
      new Storm(joining, stormLimitMs, (number) =>
        number % 2 === 0
          ? new TutorialPage(server.client(), number)
          : new PresenceWatcher(server, number),
      ),
  );
}

function scenario(
  title: string,
  contestants: readonly ContestantName[],
  rounds: number,
  create: (server: ServerProcess) => Storm,
): Scenario {
  return {
    name: 'presence-storm',
    contestants,
    server: 'shipped',
    rounds,
    rows: [
      { title, unit: 'MB sent', better: 'less' },
      { title, unit: 'CPU seconds', better: 'less' },
      { title, unit: 'ms that another pair waits', better: 'less' },
    ],
    run: (server) => measure(server, create(server)),
  };
}

async function measure(server: ServerProcess, storm: Storm): Promise<Reading[]> {
  const bystanders = await Bystanders.join(server);
  const meter = new Meter(server.pid);
  const wait = await bystanders.longestWaitDuring(() => storm.run());
  const consumed = meter.read();
  const readings = [
    reading(storm.bytesSent / MEGABYTE, consumed),
    reading(consumed.serverSeconds, consumed),
    wait,
  ];
  await bystanders.leave();
  storm.end();
  return readings.map((each) => asFarAsItGot(each, storm.problem));
}

function asFarAsItGot(reading: Reading, problem: string | undefined): Reading {
  if (problem === undefined || 'problem' in reading) return reading;
  return { problem: `over ${figure(reading.value)}, ${problem}`, final: true };
}
