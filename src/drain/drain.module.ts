import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DrainService } from './drain.service.js';

@Module({
  imports: [CallsModule, DeliveryModule],
  providers: [DrainService],
  exports: [DrainService],
})
export class DrainModule {}
