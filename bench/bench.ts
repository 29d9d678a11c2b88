import { setTimeout } from 'node:timers/promises';
import type { ContestantName } from './contestants.js';
import type { Reading } from './measure/reading.js';
import { ServerProcess } from './measure/server-process.js';
import type { Progress } from './report/progress.js';
import { Results } from './results.js';
import type { Scenario } from './scenarios/scenario.js';
import type { Sizes } from './sizes.js';
import { warmUp } from './warm-up.js';

/** Several times as long as any scenario takes on a machine that does nothing else. */
const LIMIT_MS = 120_000;
const FAILED = { problem: 'failed', final: true } as const;

/** Runs scenarios: in every round each server has its turn, each time in a new process. */
export class Bench {
  readonly results = new Results();
  failed = false;

  constructor(
    private readonly sizes: Sizes,
    private readonly contestants: readonly ContestantName[],
    private readonly serverCore: number | undefined,
    private readonly progress: Progress,
  ) {}

  async run(scenarios: readonly Scenario[]): Promise<void> {
    const shared = scenarios.filter(({ server }) => server === 'unlimited');
    const others = scenarios.filter(({ server }) => server !== 'unlimited');
    for (const group of [shared, ...others.map((scenario) => [scenario])]) {
      const rounds = Math.max(...group.map((scenario) => scenario.rounds));
      for (let round = 1; round <= rounds; round += 1) {
        const due = group.filter((scenario) => round <= scenario.rounds);
        for (const name of this.contestants) await this.turn(name, due, round);
      }
    }
  }

  /** What fails is noted, and what comes after it tried with a new server. */
  private async turn(name: ContestantName, group: Scenario[], round: number): Promise<void> {
    const pending = group.filter((scenario) => this.takesPart(name, scenario));
    while (pending.length > 0) {
      try {
        await this.withServer(name, pending, round);
      } catch (error) {
        this.failed = true;
        this.progress.failed(name, error);
        const scenario = pending.shift();
        const problems = scenario?.rows.map(() => FAILED) ?? [];
        if (scenario !== undefined) this.note(name, scenario, round, problems);
      }
    }
  }

  private async withServer(
    name: ContestantName,
    pending: Scenario[],
    round: number,
  ): Promise<void> {
    const [first] = pending;
    const kind = first?.server ?? 'cold';
    const environment: Record<string, string> = kind === 'unlimited' ? { RATE_LIMITS: 'off' } : {};
    const server = await ServerProcess.start(name, environment, this.serverCore);
    try {
      await server.orFails(warmUp(server, kind, this.sizes));
      for (let next = first; next !== undefined; next = pending[0]) {
        const readings = await server.orFails(inTime(next.run(server)));
        this.note(name, next, round, readings);
        pending.shift();
      }
    } finally {
      await server.stop();
    }
  }

  /** Whoever could not do something once is not asked again. */
  private takesPart(name: ContestantName, { contestants, rows }: Scenario): boolean {
    return contestants.includes(name) && !rows.some((row) => this.results.isFinal(row, name));
  }

  private note(
    name: ContestantName,
    scenario: Scenario,
    round: number,
    readings: readonly Reading[],
  ): void {
    scenario.rows.forEach((row, index) => {
      const reading = readings[index];
      if (reading !== undefined) this.results.add(row, name, reading);
    });
    this.progress.measured(name, scenario, round, readings);
  }
}

/** For whatever a server takes so long that nobody can wait for its end. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, timeIsUp()]);
}

async function timeIsUp(): Promise<never> {
  await setTimeout(LIMIT_MS, undefined, { ref: false });
  throw new Error(`no end after ${LIMIT_MS / 1_000} s`);
}
