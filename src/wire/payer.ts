/** Who pays for what a connection sends beside the events that have budgets of their own. */
export interface Payer {
  /** False once it has sent more than any client needs to: nothing of it is handled any more. */
  charge(units: number): boolean;

  /**
   * Answers a message of which nothing is kept but how it starts. False while there is nobody yet to
   * be answered: then the connection ends.
   */
  refuseTooLarge(start: string): boolean;
}

const BYTES_PER_UNIT = 1024;

/** A unit for each frame or packet, or for a part of one, and one for each KiB. */
export function unitsOf(pieces: number, bytes: number): number {
  return Math.max(1, pieces) + Math.floor(bytes / BYTES_PER_UNIT);
}
