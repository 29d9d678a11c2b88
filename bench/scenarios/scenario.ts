import type { ContestantName } from '../contestants.js';
import type { Reading } from '../measure/reading.js';
import type { ServerProcess } from '../measure/server-process.js';

export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
}

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  readonly contestants: readonly ContestantName[];
  /** Settings of Switchboard, where they are not as shipped. */
  readonly environment?: Record<string, string>;
  /**
   * `shared`: a server that is warm, and that other scenarios have used; `warm`: one of its own;
   * `cold`: one of its own that has done nothing yet.
   */
  readonly server: 'shared' | 'warm' | 'cold';
  readonly rows: readonly Row[];
  /** One reading per row. */
  run(server: ServerProcess): Promise<readonly Reading[]>;
}
