import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { CallControl } from './call-control.js';
import { CallJournal } from './call-journal.js';
import { CallRegistry } from './call-registry.js';
import { CallRelayService } from './call-relay.service.js';
import { CallTimers } from './call-timers.js';
import { Clock } from './clock.js';

@Module({
  imports: [DeliveryModule, PresenceModule],
  providers: [CallRelayService, CallControl, CallJournal, CallRegistry, CallTimers, Clock],
  exports: [CallRelayService, CallJournal, CallRegistry],
})
export class CallsModule {}
