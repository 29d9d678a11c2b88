import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DrainModule } from '../drain/drain.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { Admission } from './admission.js';
import { Refusals } from './refusals.js';
import { SignalingGateway } from './signaling.gateway.js';
import { Welcome } from './welcome.js';

@Module({
  imports: [CallsModule, DeliveryModule, DrainModule, PresenceModule],
  providers: [SignalingGateway, Admission, Refusals, Welcome],
})
export class SignalingModule {}
