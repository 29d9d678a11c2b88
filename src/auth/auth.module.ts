import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { Authentication } from './authentication.js';
import { FailedAttempts } from './failed-attempts.js';
import { KeyServerPace } from './remote-keys.js';
import { TokenLife } from './token-life.js';
import { TokenVerifier } from './token-verifier.js';

@Module({
  imports: [DeliveryModule, PresenceModule, RateLimitModule],
  providers: [Authentication, FailedAttempts, KeyServerPace, TokenLife, TokenVerifier],
  exports: [Authentication, TokenLife],
})
export class AuthModule {}
