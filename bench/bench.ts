import { setTimeout } from 'node:timers/promises';
import type { ContestantName } from './contestants.js';
import { RelayLoad } from './generator/relay-load.js';
import { SteadySender } from './generator/steady-sender.js';
import type { Reading } from './measure/reading.js';
import { ServerProcess } from './measure/server-process.js';
import type { Progress } from './report/progress.js';
import { Results } from './results.js';
import type { Scenario, ServerKind } from './scenarios/scenario.js';
import type { Sizes } from './sizes.js';

/** Half of what Switchboard lets a connection send. */
const HONEST_PER_SECOND = 10;
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
      for (let round = 1; round <= this.sizes.rounds; round += 1) {
        for (const name of this.contestants) await this.turn(name, group, round);
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
      await server.orFails(this.warmUp(server, kind));
      for (let next = first; next !== undefined; next = pending[0]) {
        const readings = await server.orFails(next.run(server));
        this.note(name, next, round, readings);
        pending.shift();
      }
    } finally {
      await server.stop();
    }
  }

  private async warmUp(server: ServerProcess, kind: ServerKind): Promise<void> {
    if (kind === 'cold') return;
    const { connections, warmUpMs } = this.sizes;
    const load = await RelayLoad.open(connections, server.client);
    if (kind === 'unlimited') await relayFor(load, warmUpMs);
    else await sendFor(load, connections * HONEST_PER_SECOND, warmUpMs);
    load.close();
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

async function relayFor(load: RelayLoad, ms: number): Promise<void> {
  for (const window of [1, 10] as const) {
    load.start(window);
    await setTimeout(ms / 2);
    await load.stop();
  }
}

async function sendFor(load: RelayLoad, perSecond: number, ms: number): Promise<void> {
  const sender = new SteadySender(load.lanes);
  await sender.send(perSecond, (elapsedMs) => elapsedMs >= ms);
  await sender.allDelivered();
}
