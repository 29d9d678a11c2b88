import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DrainModule } from '../drain/drain.module.js';
import { AboutController } from './about.controller.js';
import { Management } from './management.js';
import { HealthController } from './health.controller.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), DrainModule],
  controllers: [HealthController, AboutController],
  providers: [Management],
  exports: [Management],
})
export class HealthModule {}
