import { Module } from '@nestjs/common';
import { AddressBudgets } from './address-budgets.js';
import { ClientAddress } from './client-address.js';
import { ConnectionLimits } from './connection-limits.js';
import { RateLimiter } from './rate-limiter.js';

@Module({
  providers: [AddressBudgets, ClientAddress, ConnectionLimits, RateLimiter],
  exports: [AddressBudgets, ClientAddress, ConnectionLimits, RateLimiter],
})
export class RateLimitModule {}
