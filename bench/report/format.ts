import type { Row } from '../scenarios/scenario.js';

const KILO = 1_000;

/** Three significant digits, thousands with commas. */
export function figure(value: number): string {
  if (value >= KILO) return Math.round(value).toLocaleString('en-US');
  if (value >= 100) return value.toFixed(0);
  return value.toPrecision(3);
}

export function ratio(value: number): string {
  return `${value >= 10 ? value.toFixed(0) : value.toFixed(2)}×`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function labelled({ title, unit }: Row): string {
  return `${title} (${unit})`;
}
