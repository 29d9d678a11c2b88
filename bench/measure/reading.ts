import type { Consumption } from './meter.js';

/** From this share of its core on, whoever has it cannot do more. */
const BUSY = 0.9;

/** Why there is no figure; `final` where another round would not give one either. */
export interface Problem {
  readonly problem: string;
  readonly final?: boolean;
}

export type Reading = { readonly value: number; readonly generatorShare?: number } | Problem;

/** CPU time comes in steps of 10 ms: on a machine that others use a short run may see none of them. */
const SERVER_GOT_NO_TIME = { problem: 'server got no CPU time' } as const;
export const GENERATOR_WAS_THE_LIMIT = { problem: 'generator was the limit' } as const;

/**
 * Refused where the generator had its hands full and the server had not, or where the server had no
 * time at all.
 */
export function reading(value: number, { serverShare, generatorShare }: Consumption): Reading {
  if (generatorShare > BUSY && serverShare < BUSY) return GENERATOR_WAS_THE_LIMIT;
  if (serverShare === 0) return SERVER_GOT_NO_TIME;
  return { value, generatorShare };
}
