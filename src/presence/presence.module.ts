import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { Expulsion } from './expulsion.js';
import { ListAnswers } from './list-answers.js';
import { PresenceService } from './presence.service.js';
import { SnapshotBudget } from './snapshot-budget.js';

@Module({
  imports: [DeliveryModule],
  providers: [PresenceService, ListAnswers, SnapshotBudget, Expulsion],
  exports: [PresenceService, Expulsion],
})
export class PresenceModule {}
