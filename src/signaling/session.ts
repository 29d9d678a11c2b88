import { AckRequest } from '../delivery/ack-request.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import type { FrameBudget } from '../rate-limit/frame-budget.js';
import type { Payer } from '../wire/payer.js';
import type { Refusals } from './refusals.js';

/** An event that asks for an acknowledgement or does not, as far as it is kept. */
const START_OF_EVENT = /^42(?<id>\d*)\["(?<event>[^"\\]+)"/;

/** Of Engine.IO: pays for what is received on any of its transports. */
export class Session implements Payer {
  private peer: PeerSocket | undefined;

  constructor(
    readonly budget: FrameBudget,
    private readonly refusals: Refusals,
  ) {}

  joined(peer: PeerSocket): void {
    this.peer = peer;
  }

  charge(units: number): boolean {
    return this.budget.charge(units);
  }

  refuseTooLarge(start: string): boolean {
    if (this.peer === undefined) return false;
    const { id = '', event } = START_OF_EVENT.exec(start)?.groups ?? {};
    const request = id === '' ? undefined : new AckRequest(Number(id));
    const error = new SignalingError(
      'payload_too_large',
      `a message has at most ${MESSAGE_MAX_BYTES / 1024} KiB`,
    );
    this.refusals.refuse(this.peer.id, event, request, error);
    return true;
  }
}
