import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { DrainService } from './drain.service.js';

@Module({
  imports: [CallsModule, DeliveryModule, PresenceModule],
  providers: [DrainService],
  exports: [DrainService],
})
export class DrainModule {}
