import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { ArrivalHints } from './arrival-hints.js';
import { ListAnswers } from './list-answers.js';
import { OnlineUsers } from './online-users.js';
import { PeerDirectory } from './peer-directory.js';
import { PresenceService } from './presence.service.js';

@Module({
  imports: [DeliveryModule],
  providers: [PresenceService, PeerDirectory, OnlineUsers, ArrivalHints, ListAnswers],
  exports: [PresenceService],
})
export class PresenceModule {}
