import { CONTESTANTS, type ContestantName, NAMES, REFERENCE } from '../contestants.js';
import type { Results } from '../results.js';
import type { Row } from '../scenarios/scenario.js';
import { figure, labelled, percent, ratio } from './format.js';

/** A row per figure, a column per server: the median, its ratio to the reference, the spread. */
export function table(results: Results): string {
  const names = NAMES.filter((name) => results.has(name));
  const titles = names.map((name) => CONTESTANTS[name].title);
  const lines = results.rows.map((row) => [
    `${labelled(row)}, ${row.better} is better, ${turns(results, row)}`,
    ...names.map((name) => cell(results, row, name)),
    percentOrNothing(results.generatorShare(row)),
  ]);
  const head = ['', ...titles, 'generator'];
  return [head, head.map((_, column) => (column === 0 ? '---' : '--:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cell(results: Results, row: Row, name: ContestantName): string {
  const value = results.figure(row, name);
  if (value === undefined) return '–';
  if (typeof value === 'string') return value;
  const [given, all] = results.rounds(row, name);
  const shown = given === all ? figure(value) : `${figure(value)} (${given} of ${all} rounds)`;
  const compared = name === REFERENCE ? undefined : results.ratio(row, name);
  if (compared === undefined) return shown;
  const { median, min, max } = compared;
  const spread = min === max ? '' : ` (${ratio(min)} to ${ratio(max)})`;
  return `${shown}<br>**${ratio(median)}**${spread}`;
}

function turns(results: Results, row: Row): string {
  const rounds = Math.max(...NAMES.map((name) => results.rounds(row, name)[1]));
  return rounds === 1 ? 'one round' : `${rounds} rounds`;
}

function percentOrNothing(share: number | undefined): string {
  return share === undefined ? '–' : percent(share);
}
