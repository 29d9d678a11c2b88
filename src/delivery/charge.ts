/**
 * Charges a connection for what it sends beside the events that have budgets of their own. False once
 * it has sent more than any client needs to: nothing of it is handled any more.
 */
export type Charge = (units: number) => boolean;

const BYTES_PER_UNIT = 1024;

/** A unit for each frame or packet, or for a part of one, and one for each KiB. */
export function unitsOf(pieces: number, bytes: number): number {
  return Math.max(1, pieces) + Math.floor(bytes / BYTES_PER_UNIT);
}
