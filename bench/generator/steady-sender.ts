import { setTimeout } from 'node:timers/promises';
import type { Lane } from './lane.js';

const TICK_MS = 1;

/**
 * Sends on its lanes in turn, by the clock, and never waits: a server that falls behind does not get
 * less to do.
 */
export class SteadySender {
  /** Of every message that was delivered, in milliseconds. */
  readonly latencies: number[] = [];
  /** By how much this process itself was late, at worst. */
  latestMs = 0;
  private inFlight = 0;
  private onAllDelivered: () => void = () => undefined;
  private readonly sendings: { lane: Lane; sentAtMs: number[] }[];

  constructor(lanes: readonly Lane[]) {
    this.sendings = lanes.map((lane) => {
      const sentAtMs: number[] = [];
      lane.onDelivered = () => {
        this.latencies.push(performance.now() - (sentAtMs.shift() ?? NaN));
        this.inFlight -= 1;
        if (this.inFlight === 0) this.onAllDelivered();
      };
      return { lane, sentAtMs };
    });
  }

  /** The longest of all, those included that are still on their way. */
  get longestMs(): number {
    const nowMs = performance.now();
    const waiting = this.sendings.map(({ sentAtMs: [first = nowMs] }) => nowMs - first);
    return [...waiting, ...this.latencies].reduce((longest, each) => Math.max(longest, each), 0);
  }

  async send(perSecond: number, isOver: (elapsedMs: number) => boolean): Promise<void> {
    const startMs = performance.now();
    let sent = 0;
    for (let elapsedMs = 0; !isOver(elapsedMs); elapsedMs = performance.now() - startMs) {
      this.latestMs = Math.max(this.latestMs, elapsedMs - (sent * 1_000) / perSecond);
      for (; sent < (elapsedMs * perSecond) / 1_000; sent += 1) this.sendOn(sent);
      await setTimeout(TICK_MS);
    }
  }

  /** Resolves once nothing is on its way. */
  async allDelivered(): Promise<void> {
    if (this.inFlight > 0) await new Promise<void>((resolve) => (this.onAllDelivered = resolve));
  }

  private sendOn(turn: number): void {
    const sending = this.sendings[turn % this.sendings.length];
    sending?.sentAtMs.push(performance.now());
    sending?.lane.sendNext();
    this.inFlight += 1;
  }
}
