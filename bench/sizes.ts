/** How much of everything; times in milliseconds. */
export interface Sizes {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** In the scenarios in which pairs talk. */
  readonly connections: number;
  readonly messagesPerSecond: number;
}

export const FULL: Sizes = {
  rounds: 5,
  warmUpMs: 6_000,
  measureMs: 3_000,
  connections: 400,
  messagesPerSecond: 5_000,
};

export const QUICK: Sizes = {
  ...FULL,
  rounds: 1,
  warmUpMs: 2_000,
  measureMs: 1_000,
};

/** Says nothing about time, only that everything works. */
export const SMOKE: Sizes = {
  rounds: 1,
  warmUpMs: 100,
  measureMs: 200,
  connections: 8,
  messagesPerSecond: 200,
};
