import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { CallRelayService } from './call-relay.service.js';

@Module({
  imports: [DeliveryModule, PresenceModule],
  providers: [CallRelayService],
  exports: [CallRelayService],
})
export class CallsModule {}
