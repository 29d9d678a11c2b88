import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import type { Peer } from '../presence/peer.js';
import {
  CANDIDATE_MAX_BYTES,
  MESSAGE_MAX_BYTES,
  NAME_MAX_CHARACTERS,
  SDP_MAX_BYTES,
} from '../protocol/limits.js';

const LIMITS = {
  nameMaxCharacters: NAME_MAX_CHARACTERS,
  sdpMaxBytes: SDP_MAX_BYTES,
  candidateMaxBytes: CANDIDATE_MAX_BYTES,
  messageMaxBytes: MESSAGE_MAX_BYTES,
};

/** Tells a client that speaks part 2 of the protocol who it is and what holds here. */
@Injectable()
export class Welcome {
  private readonly features: string[];

  constructor(
    settings: Settings,
    private readonly messenger: PeerMessenger,
  ) {
    this.features = [
      'calls',
      'watch-presence',
      ...(settings.CALLS_REQUIRED ? ['calls-required'] : []),
    ];
  }

  greet({ socketId, userId }: Peer): void {
    this.messenger.send(socketId, 'welcome', {
      socketId,
      userId,
      protocol: 2,
      limits: LIMITS,
      features: this.features,
    });
  }
}
