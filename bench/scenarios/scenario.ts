import type { ContestantName } from '../contestants.js';
import type { Reading } from '../measure/reading.js';
import type { ServerProcess } from '../measure/server-process.js';

export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
}

/**
 * `unlimited`: warm, shared with the other scenarios of this kind, and Switchboard without its rate
 * limits, since one generated peer sends more than any page would. `shipped`: warm, and with every
 * default. `cold`: with every default, and has done nothing yet.
 */
export type ServerKind = 'unlimited' | 'shipped' | 'cold';

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  readonly contestants: readonly ContestantName[];
  readonly server: ServerKind;
  /** How often each server has its turn; those that share a server may differ. */
  readonly rounds: number;
  readonly rows: readonly Row[];
  /** One reading per row. */
  run(server: ServerProcess): Promise<readonly Reading[]>;
}
