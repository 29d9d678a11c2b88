import { CONTESTANTS, type ContestantName, NAMES } from '../contestants.js';
import type { Reading } from '../measure/reading.js';
import type { Scenario } from '../scenarios/scenario.js';
import { figure, labelled, percent } from './format.js';

const LONGEST_NAME = Math.max(...NAMES.map((name) => name.length));

/** What the terminal shows while it runs. */
export class Progress {
  private readonly startMs = performance.now();

  measured(
    name: ContestantName,
    { rows }: Scenario,
    round: number,
    readings: readonly Reading[],
  ): void {
    rows.forEach((row, index) => {
      const reading = readings[index];
      if (reading !== undefined) {
        this.say(
          `round ${round}  ${name.padEnd(LONGEST_NAME)} ${labelled(row)}: ${inWords(reading)}`,
        );
      }
    });
  }

  failed(name: ContestantName, error: unknown): void {
    this.say(
      `${CONTESTANTS[name].title}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  say(text: string): void {
    const seconds = Math.round((performance.now() - this.startMs) / 1_000);
    console.log(`${String(seconds).padStart(5)} s  ${text}`);
  }
}

function inWords(reading: Reading): string {
  if ('problem' in reading) return reading.problem;
  const { value, generatorShare } = reading;
  const share = generatorShare === undefined ? '' : ` (generator ${percent(generatorShare)})`;
  return `${figure(value)}${share}`;
}
