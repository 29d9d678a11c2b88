import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { FrontDoor } from './front-door.js';
import { HttpServer } from './http-server.js';

@Module({
  imports: [HealthModule],
  providers: [FrontDoor, HttpServer],
  exports: [HttpServer],
})
export class HttpModule {}
