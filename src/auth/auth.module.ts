import { Module } from '@nestjs/common';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { Authentication } from './authentication.js';
import { FailedAttempts } from './failed-attempts.js';
import { KeyServerPace } from './remote-keys.js';
import { TokenVerifier } from './token-verifier.js';

@Module({
  imports: [RateLimitModule],
  providers: [Authentication, FailedAttempts, KeyServerPace, TokenVerifier],
  exports: [Authentication],
})
export class AuthModule {}
