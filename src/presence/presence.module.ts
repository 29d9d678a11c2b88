import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { Expulsion } from './expulsion.js';
import { ListAnswers } from './list-answers.js';
import { PresenceService } from './presence.service.js';

@Module({
  imports: [DeliveryModule],
  providers: [PresenceService, ListAnswers, Expulsion],
  exports: [PresenceService, Expulsion],
})
export class PresenceModule {}
