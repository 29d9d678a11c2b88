import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CallsModule } from '../calls/calls.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DrainModule } from '../drain/drain.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { Admission } from './admission.js';
import { Connections } from './connections.js';
import { Journal } from './journal.js';
import { Refusals } from './refusals.js';
import { SignalingGateway } from './signaling.gateway.js';
import { Welcome } from './welcome.js';

@Module({
  imports: [
    AuthModule,
    CallsModule,
    DeliveryModule,
    DrainModule,
    MetricsModule,
    PresenceModule,
    RateLimitModule,
  ],
  providers: [SignalingGateway, Admission, Connections, Journal, Refusals, Welcome],
})
export class SignalingModule {}
