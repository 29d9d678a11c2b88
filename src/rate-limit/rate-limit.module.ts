import { Module } from '@nestjs/common';
import { ClientAddress } from './client-address.js';
import { ConnectionLimits } from './connection-limits.js';
import { RateLimiter } from './rate-limiter.js';

@Module({
  providers: [ClientAddress, ConnectionLimits, RateLimiter],
  exports: [ClientAddress, ConnectionLimits, RateLimiter],
})
export class RateLimitModule {}
