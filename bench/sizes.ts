/** How often each server has its turn. */
export interface Rounds {
  /** Where one round is short, and unlike the next. */
  readonly many: number;
  readonly some: number;
  /** Where one round takes long, or is like the next. */
  readonly few: number;
}

/** How much of everything; times in milliseconds. */
export interface Sizes {
  readonly rounds: Rounds;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Before memory is read, and how long nothing may come before a storm is over. */
  readonly settleMs: number;
  /** In the scenarios in which pairs talk. */
  readonly connections: number;
  readonly messagesPerSecond: number;
  /** For each relay at scale, how many connections. */
  readonly scale: readonly number[];
  readonly idleConnections: number;
  readonly manyIdleConnections: number;
  /** Each in eight calls at once. */
  readonly callers: number;
  /** For each presence storm, how many join. */
  readonly joining: readonly number[];
  /** When a storm is given up. */
  readonly stormLimitMs: number;
  /** Who is there when some leave, or some come. */
  readonly crowd: number;
  readonly some: number;
}

export const FULL: Sizes = {
  rounds: { many: 9, some: 5, few: 3 },
  warmUpMs: 4_000,
  measureMs: 2_500,
  settleMs: 2_000,
  connections: 400,
  messagesPerSecond: 5_000,
  scale: [100, 1_000, 10_000],
  idleConnections: 10_000,
  manyIdleConnections: 50_000,
  callers: 4_000,
  joining: [500, 1_000, 2_000],
  stormLimitMs: 40_000,
  crowd: 2_000,
  some: 400,
};

export const QUICK: Sizes = {
  ...FULL,
  rounds: everywhere(1),
  warmUpMs: 2_000,
  measureMs: 1_000,
  settleMs: 500,
  scale: [1_000],
  idleConnections: 2_000,
  manyIdleConnections: 5_000,
  callers: 1_000,
  joining: [200],
  stormLimitMs: 10_000,
  crowd: 500,
  some: 100,
};

/** Says nothing about time, only that everything works. */
export const SMOKE: Sizes = {
  rounds: everywhere(1),
  warmUpMs: 100,
  measureMs: 200,
  settleMs: 100,
  connections: 8,
  messagesPerSecond: 200,
  scale: [4],
  idleConnections: 20,
  manyIdleConnections: 40,
  callers: 20,
  joining: [20],
  stormLimitMs: 5_000,
  crowd: 20,
  some: 5,
};

export function everywhere(rounds: number): Rounds {
  return { many: rounds, some: rounds, few: rounds };
}
