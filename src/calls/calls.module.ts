import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { CallControl } from './call-control.js';
import { CallRegistry } from './call-registry.js';
import { CallRelayService } from './call-relay.service.js';
import { CallTimers } from './call-timers.js';
import { Clock } from './clock.js';

@Module({
  imports: [DeliveryModule, PresenceModule],
  providers: [CallRelayService, CallControl, CallRegistry, CallTimers, Clock],
  exports: [CallRelayService],
})
export class CallsModule {}
