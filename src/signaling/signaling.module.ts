import { Module, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { CallsModule } from '../calls/calls.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DrainModule } from '../drain/drain.module.js';
import { FastPathModule } from '../fast-path/fast-path.module.js';
import { HttpModule } from '../http/http.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { Admission } from './admission.js';
import { Connections } from './connections.js';
import { Intake } from './intake.js';
import { Journal } from './journal.js';
import { Refusals } from './refusals.js';
import { RequestScreen } from './request-screen.js';
import { SignalingAdapter } from './signaling.adapter.js';
import { SignalingGateway } from './signaling.gateway.js';
import { Welcome } from './welcome.js';

@Module({
  imports: [
    AuthModule,
    CallsModule,
    DeliveryModule,
    DrainModule,
    FastPathModule,
    HttpModule,
    MetricsModule,
    PresenceModule,
    RateLimitModule,
  ],
  providers: [
    SignalingGateway,
    SignalingAdapter,
    Admission,
    RequestScreen,
    Connections,
    Intake,
    Journal,
    Refusals,
    Welcome,
  ],
})
export class SignalingModule implements OnModuleInit {
  constructor(
    private readonly config: ApplicationConfig,
    private readonly adapter: SignalingAdapter,
  ) {
    // Nest looks for it when the application starts, and takes one without any guard for want of it.
    config.setIoAdapter(adapter);
  }

  onModuleInit(): void {
    if (this.config.getIoAdapter() === this.adapter) return;
    throw new Error('another WebSocket adapter was set, which would let everybody in');
  }
}
