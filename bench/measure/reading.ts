import type { Consumption } from './meter.js';

/** From this share of its core on, whoever has it cannot do more. */
const BUSY = 0.9;

/** A figure, or why there is none. */
export type Reading =
  { readonly value: number; readonly generatorShare?: number } | { readonly problem: string };

/** Refused where the generator had its hands full and the server had not. */
export function reading(value: number, { serverShare, generatorShare }: Consumption): Reading {
  if (generatorShare > BUSY && serverShare < BUSY) return { problem: 'generator was the limit' };
  return { value, generatorShare };
}
