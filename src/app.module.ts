import { Module } from '@nestjs/common';
import { SettingsModule } from './config/settings.module.js';
import { HealthModule } from './health/health.module.js';
import { SignalingModule } from './signaling/signaling.module.js';

@Module({ imports: [SettingsModule, SignalingModule, HealthModule] })
export class AppModule {}
