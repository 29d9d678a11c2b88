import { parseArgs } from 'node:util';
import { type ContestantName, NAMES } from './contestants.js';
import { everywhere, FULL, QUICK, SMOKE, type Sizes } from './sizes.js';

export interface Options {
  readonly help: boolean;
  readonly sizes: Sizes;
  readonly write: boolean;
  readonly scenarios: readonly string[] | undefined;
  readonly contestants: readonly ContestantName[];
}

export function usage(scenarioNames: readonly string[]): string {
  return `npm run bench -- [options]

  --quick            less of everything, in under three minutes; does not write the document
  --write            write it nevertheless
  --only <names>     of ${scenarioNames.join(', ')}
  --servers <names>  of ${NAMES.join(', ')}
  --rounds <number>  how often each server has its turn, in every scenario alike
  --smoke            the least of everything: shows that it works, and says nothing about time
  --help             this

Only the whole of it writes the document by itself.`;
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
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, smoke, only, servers } = values;
  const whole = !quick && !smoke && only === undefined && servers === undefined;
  const sizes = smoke ? SMOKE : quick ? QUICK : FULL;
  const rounds = wholeNumber(values.rounds);
  return {
    help: values.help,
    sizes: rounds === undefined ? sizes : { ...sizes, rounds: everywhere(rounds) },
    write: values.write || whole,
    scenarios: only === undefined ? undefined : chosen(only, scenarioNames),
    contestants: servers === undefined ? NAMES : chosen(servers, NAMES),
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
