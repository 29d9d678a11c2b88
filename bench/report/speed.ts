import { REFERENCE } from '../contestants.js';
import type { Results } from '../results.js';
import { RELAY_ROWS } from '../scenarios/relay.js';
import { figure } from './format.js';

const MICROSECONDS = 1e6;

/** How fast the machine was, in one sentence, since ratios move with it; empty if nothing tells. */
export function speed(results: Results): string {
  const [one, ten] = RELAY_ROWS.map((row) => results.figure(row, REFERENCE));
  if (typeof one !== 'number' || typeof ten !== 'number') return '';
  return (
    `A message cost the tutorial's server ${figure(MICROSECONDS / one)} µs of CPU at w=1, ` +
    `and ${figure(MICROSECONDS / ten)} µs at w=10.`
  );
}
