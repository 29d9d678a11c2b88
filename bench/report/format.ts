import type { Row } from '../scenarios/scenario.js';

const HUNDRED = 100;

/** Three significant digits, or all of a whole number. */
export function figure(value: number): string {
  if (value < HUNDRED) return value.toPrecision(3);
  return Math.round(value).toLocaleString('en-US');
}

export function ratio(value: number): string {
  const digits = value < 0.1 ? value.toPrecision(2) : value.toFixed(value < 10 ? 2 : 0);
  return `${digits}×`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function labelled({ title, unit }: Row): string {
  return `${title} (${unit})`;
}
