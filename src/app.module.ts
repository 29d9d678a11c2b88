import { Module } from '@nestjs/common';
import { SettingsModule } from './config/settings.module.js';
import { HealthModule } from './health/health.module.js';
import { SignalingModule } from './signaling/signaling.module.js';

/** The whole service: what it needs of an application, it sets up by itself. */
@Module({ imports: [SettingsModule, SignalingModule, HealthModule] })
export class AppModule {}
