import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { announce } from './announce.js';
import { AppModule } from './app.module.js';
import { Settings, SettingsError } from './config/settings.js';
import { createLogger } from './logging/logger.js';
import { startedUp } from './stop-early.js';

// Whoever read the log may be gone, or the disk that it goes to full; that ends no calls. Each line
// is tried anew.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

async function start(settings: Settings): Promise<void> {
  const logger = createLogger(settings);
  // Nothing here reads a body.
  const app = await NestFactory.create<NestExpressApplication>(AppModule, {
    bodyParser: false,
    logger,
  });
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  startedUp();
  await app.listen(settings.PORT, settings.HOST);
  await announce(app, settings);
}

try {
  await start(Settings.from());
} catch (error) {
  console.error(isForTheOperator(error) ? error.message : error);
  process.exit(1);
}

/** A setting or a port to put right, where a stack trace would only hide the message. */
function isForTheOperator(error: unknown): error is Error {
  return error instanceof SettingsError || (error instanceof Error && 'syscall' in error);
}
