import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { FrontDoor } from './front-door.js';
import { HttpServer } from './http-server.js';
import { Origins } from './origins.js';

@Module({
  imports: [HealthModule, RateLimitModule],
  providers: [FrontDoor, HttpServer, Origins],
  exports: [HttpServer, Origins],
})
export class HttpModule {}
