import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DrainService } from './drain.service.js';

@Module({ imports: [DeliveryModule], providers: [DrainService], exports: [DrainService] })
export class DrainModule {}
