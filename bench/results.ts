import { type ContestantName, REFERENCE } from './contestants.js';
import type { Reading } from './measure/reading.js';
import { median } from './measure/statistics.js';
import type { Row } from './scenarios/scenario.js';

export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What was read for each row, per contestant, one reading per round. */
export class Results {
  private readonly readings = new Map<Row, Map<ContestantName, Reading[]>>();

  add(row: Row, name: ContestantName, reading: Reading): void {
    const ofRow = this.readings.get(row) ?? new Map<ContestantName, Reading[]>();
    this.readings.set(row, ofRow);
    ofRow.set(name, [...(ofRow.get(name) ?? []), reading]);
  }

  get rows(): Row[] {
    return [...this.readings.keys()];
  }

  has(name: ContestantName): boolean {
    return [...this.readings.values()].some((ofRow) => ofRow.has(name));
  }

  /** The median; one round without a figure is enough for there to be none. */
  figure(row: Row, name: ContestantName): number | string | undefined {
    const readings = this.readings.get(row)?.get(name);
    if (readings === undefined) return undefined;
    for (const reading of readings) if ('problem' in reading) return reading.problem;
    return median(values(readings));
  }

  /** Of each round to the same round of the reference. */
  ratio(row: Row, name: ContestantName): Ratio | undefined {
    if (typeof this.figure(row, name) !== 'number') return undefined;
    if (typeof this.figure(row, REFERENCE) !== 'number') return undefined;
    const own = values(this.readings.get(row)?.get(name) ?? []);
    const reference = values(this.readings.get(row)?.get(REFERENCE) ?? []);
    const ratios = own.map((value, round) => value / (reference[round] ?? NaN));
    return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
  }

  /** The most that the generator took of its core. */
  generatorShare(row: Row): number | undefined {
    const shares = [...(this.readings.get(row)?.values() ?? [])]
      .flat()
      .map((reading) => ('value' in reading ? reading.generatorShare : undefined))
      .filter((share) => share !== undefined);
    return shares.length === 0 ? undefined : Math.max(...shares);
  }
}

function values(readings: readonly Reading[]): number[] {
  return readings.flatMap((reading) => ('value' in reading ? [reading.value] : []));
}
