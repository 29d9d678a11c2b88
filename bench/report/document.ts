import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../measure/server-process.js';
import type { Results } from '../results.js';
import { chart } from './chart.js';
import { table } from './table.js';

const DOCUMENT = join(ROOT, 'docs/performance.md');
const CHART = join(ROOT, 'docs/performance.svg');
const WRITTEN = /(<!-- bench -->\n)[^]*(\n<!-- \/bench -->)/;

/** Puts the table between the markers of the document, and the chart beside it. */
export function writeDocument(results: Results, circumstances: string): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  if (!WRITTEN.test(document)) throw new Error(`${DOCUMENT} has no <!-- bench --> markers`);
  const written = `\n${circumstances}\n\n${table(results)}\n`;
  writeFileSync(
    DOCUMENT,
    document.replace(WRITTEN, (_, before: string, after: string) => before + written + after),
  );
  writeFileSync(CHART, chart(results));
}
