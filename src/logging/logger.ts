import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Settings } from '../config/settings.js';

/** From the gravest to the chattiest; Nest calls `info` "log". */
const LEVELS: Record<Settings['LOG_LEVEL'], LogLevel> = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'log',
  debug: 'debug',
  verbose: 'verbose',
};

export function createLogger({ LOG_LEVEL, LOG_FORMAT }: Settings): ConsoleLogger {
  const names = Object.keys(LEVELS) as Settings['LOG_LEVEL'][];
  const logLevels = names.slice(0, names.indexOf(LOG_LEVEL) + 1).map((name) => LEVELS[name]);
  return new ConsoleLogger({ json: LOG_FORMAT === 'json', logLevels });
}
