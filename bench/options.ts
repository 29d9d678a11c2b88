import { parseArgs } from 'node:util';
import { type ContestantName, NAMES } from './contestants.js';
import { FULL, QUICK, SMOKE, type Sizes } from './sizes.js';

export const USAGE = `npm run bench -- [options]

  --quick            less of everything, in under two minutes; does not write the document
  --write            write it nevertheless
  --only <names>     scenarios, comma-separated
  --servers <names>  of ${NAMES.join(', ')}
  --rounds <n>       how often each server has its turn
  --smoke            the least of everything: says that it works, nothing about time
`;

export interface Options {
  readonly sizes: Sizes;
  readonly write: boolean;
  readonly scenarios: readonly string[] | undefined;
  readonly contestants: readonly ContestantName[];
}

/** @throws {Error} for what is not among them */
export function parseOptions(args: string[], scenarioNames: readonly string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      only: { type: 'string' },
      servers: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  const whole = !values.quick && !values.smoke && !values.only && !values.servers;
  const sizes = values.smoke ? SMOKE : values.quick ? QUICK : FULL;
  return {
    sizes: { ...sizes, rounds: wholeNumber(values.rounds) ?? sizes.rounds },
    write: values.write || whole,
    scenarios: values.only === undefined ? undefined : chosen(values.only, scenarioNames),
    contestants: values.servers === undefined ? NAMES : chosen(values.servers, NAMES),
  };
}

function chosen<T extends string>(list: string, known: readonly T[]): T[] {
  return list.split(',').map((name) => {
    const found = known.find((each) => each === name);
    if (found === undefined) throw new Error(`${name} is none of ${known.join(', ')}`);
    return found;
  });
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--rounds must be a number, not ${text}`);
  return Number(text);
}
