import { cpuSeconds } from './process-stat.js';

export interface Consumption {
  readonly seconds: number;
  readonly serverSeconds: number;
  /** Of one core. */
  readonly serverShare: number;
  readonly generatorShare: number;
}

/** What server and generator consume from now on. */
export class Meter {
  private readonly startMs = performance.now();
  private readonly serverStart: number;
  private readonly generatorStart = process.cpuUsage();

  constructor(private readonly pid: number) {
    this.serverStart = cpuSeconds(pid);
  }

  read(): Consumption {
    const seconds = (performance.now() - this.startMs) / 1_000;
    const serverSeconds = cpuSeconds(this.pid) - this.serverStart;
    const { user, system } = process.cpuUsage(this.generatorStart);
    return {
      seconds,
      serverSeconds,
      serverShare: serverSeconds / seconds,
      generatorShare: (user + system) / 1e6 / seconds,
    };
  }
}
