import { setTimeout } from 'node:timers/promises';
import type { Peer } from './peer.js';

const JOIN_INTERVAL_MS = 5;

/** Somebody who comes, and wants to know who else is there. */
export interface Visitor {
  readonly peer: Peer;
  /** Says who it is; from then on it keeps itself informed. */
  enter(): void;
  /** How many it knows to be there. */
  readonly known: number;
}

/** Of one length for every number below ten thousand. */
export function nameOf(number: number): string {
  return `page ${String(number).padStart(4, '0')}`;
}

/** Two hundred visitors a second, until everybody knows of everybody. */
export class Storm {
  /** Why it was given up. */
  problem: string | undefined;
  private readonly visitors: Visitor[] = [];
  private entered = 0;

  constructor(
    private readonly joining: number,
    private readonly limitMs: number,
    private readonly create: (number: number) => Visitor,
  ) {}

  get bytesSent(): number {
    return this.visitors.reduce((sum, { peer }) => sum + peer.bytesReceived, 0);
  }

  async run(): Promise<void> {
    const startMs = performance.now();
    for (let elapsedMs = 0; !this.isOver(); elapsedMs = performance.now() - startMs) {
      const due = Math.min(this.joining, elapsedMs / JOIN_INTERVAL_MS);
      while (this.visitors.length < due) void this.join();
      await setTimeout(JOIN_INTERVAL_MS);
      if (elapsedMs > this.limitMs) this.problem ??= `stopped after ${this.limitMs / 1_000} s`;
    }
  }

  end(): void {
    for (const { peer } of this.visitors) peer.close();
  }

  private isOver(): boolean {
    if (this.problem !== undefined) return true;
    return (
      this.entered === this.joining && this.visitors.every(({ known }) => known === this.joining)
    );
  }

  private async join(): Promise<void> {
    const visitor = this.create(this.visitors.length);
    this.visitors.push(visitor);
    visitor.peer.onLost = () => (this.problem ??= `then the server lost connections`);
    await visitor.peer.opened;
    visitor.enter();
    this.entered += 1;
  }
}
