import { Injectable } from '@nestjs/common';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import { type ErrorCode, SIGNALING_ERRORS } from '../protocol/signaling-error.js';
import { PresenceService } from './presence.service.js';

/** Closes a connection for good: a stock client does not come back. */
@Injectable()
export class Expulsion {
  constructor(
    private readonly presence: PresenceService,
    private readonly messenger: PeerMessenger,
  ) {}

  expel(socketId: string, code: ErrorCode, message: string = SIGNALING_ERRORS[code].message): void {
    if (this.presence.find(socketId)?.protocol === 2) {
      this.messenger.send(socketId, 'closing', { code, message });
    }
    this.messenger.expel(socketId);
  }
}
