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
    ofRow.set(name, [...this.of(row, name), reading]);
  }

  get rows(): Row[] {
    return [...this.readings.keys()];
  }

  has(name: ContestantName): boolean {
    return [...this.readings.values()].some((ofRow) => ofRow.has(name));
  }

  /** The median, where most rounds gave a figure; else why not. */
  figure(row: Row, name: ContestantName): number | string | undefined {
    const readings = this.of(row, name);
    const values = readings.flatMap((reading) => ('value' in reading ? [reading.value] : []));
    const problems = readings.flatMap((reading) => ('problem' in reading ? [reading.problem] : []));
    return values.length > problems.length ? median(values) : problems.at(-1);
  }

  /** How many rounds gave a figure, and how many there were. */
  rounds(row: Row, name: ContestantName): [given: number, all: number] {
    const readings = this.of(row, name);
    return [readings.filter((reading) => 'value' in reading).length, readings.length];
  }

  isFinal(row: Row, name: ContestantName): boolean {
    return this.of(row, name).some((reading) => 'problem' in reading && reading.final);
  }

  /** Of each round to the same round of the reference. */
  ratio(row: Row, name: ContestantName): Ratio | undefined {
    const reference = this.of(row, REFERENCE);
    const ratios = this.of(row, name).flatMap((reading, round) => {
      const other = reference[round];
      if (other === undefined || 'problem' in other || 'problem' in reading) return [];
      return [reading.value / other.value];
    });
    if (ratios.length === 0) return undefined;
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

  private of(row: Row, name: ContestantName): Reading[] {
    return this.readings.get(row)?.get(name) ?? [];
  }
}
