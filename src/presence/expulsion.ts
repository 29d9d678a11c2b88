import { Injectable } from '@nestjs/common';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { type ErrorCode, SIGNALING_ERRORS } from '../protocol/signaling-error.js';

/** Closes a connection for good: a stock client does not come back. */
@Injectable()
export class Expulsion {
  constructor(private readonly messenger: PeerMessenger) {}

  expel(socketId: string, code: ErrorCode, message: string = SIGNALING_ERRORS[code].message): void {
    this.messenger.send(socketId, 'closing', { code, message });
    this.messenger.expel(socketId);
  }
}
