import { Global, Module } from '@nestjs/common';
import { Settings } from './settings.js';

@Global()
@Module({
  providers: [{ provide: Settings, useFactory: () => Settings.from() }],
  exports: [Settings],
})
export class SettingsModule {}
