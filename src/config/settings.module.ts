import { Global, Logger, Module } from '@nestjs/common';
import { nameWarnings } from './misspelt-names.js';
import { Settings } from './settings.js';

@Global()
@Module({
  providers: [{ provide: Settings, useFactory: settingsOfTheEnvironment }],
  exports: [Settings],
})
export class SettingsModule {}

function settingsOfTheEnvironment(): Settings {
  const settings = Settings.from();
  const logger = new Logger(Settings.name);
  for (const warning of nameWarnings(process.env, Object.keys(settings))) logger.warn(warning);
  return settings;
}
