import { Lane } from './lane.js';
import type { Peer } from './peer.js';

/** Messages of one direction that may be on their way at once. */
export type Window = 1 | 10;

/**
 * A call that is set up over and over: offer, answer, and ten candidates each way, which begin once
 * the sender's description has arrived. Each direction waits for what it sent before it sends more.
 */
export class RelayingPair {
  readonly offers: Lane;
  readonly answers: Lane;
  delivered = 0;
  private window: Window = 1;
  private lanesDone = 0;
  private going = false;
  private stopped: (() => void) | undefined;

  private constructor(
    private readonly caller: Peer,
    private readonly callee: Peer,
  ) {
    this.offers = new Lane(callee, caller, 'offer');
    this.answers = new Lane(caller, callee, 'answer');
  }

  static async ring([caller, callee]: [Peer, Peer]): Promise<RelayingPair> {
    await caller.ring(callee);
    return new RelayingPair(caller, callee);
  }

  start(window: Window): void {
    this.window = window;
    this.going = true;
    for (const lane of [this.offers, this.answers]) lane.onDelivered = () => this.goOn(lane);
    this.offers.sendNext();
  }

  /** Resolves once nothing is on its way: whatever was sent has been delivered. */
  stop(): Promise<void> {
    this.going = false;
    return new Promise((resolve) => (this.stopped = resolve));
  }

  close(): void {
    this.caller.close();
    this.callee.close();
  }

  private goOn(lane: Lane): void {
    this.delivered += 1;
    if (lane === this.offers && lane.position === 1) this.answers.sendNext();
    if (lane.inFlight > 0) return;
    if (lane.position > 0) return this.sendCandidates(lane);
    this.lanesDone += 1;
    if (this.lanesDone === 2) this.endCycle();
  }

  private sendCandidates(lane: Lane): void {
    if (this.window === 1) lane.sendNext();
    else lane.sendCandidates();
  }

  private endCycle(): void {
    this.lanesDone = 0;
    if (this.going) this.offers.sendNext();
    else this.stopped?.();
  }
}
