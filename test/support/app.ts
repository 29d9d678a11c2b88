import 'reflect-metadata';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { Clock } from '../../src/calls/clock.js';
import { Settings } from '../../src/config/settings.js';

export interface RunningApp {
  readonly url: string;
  readonly app: INestApplication<Server>;
  close(): Promise<void>;
}

// Tests send faster than any page would; those about budgets turn them on.
const FOR_TESTS = { DRAIN_SECONDS: '0', RATE_LIMITS: 'off' };
const { FAST_PATH = 'on' } = process.env;

/** The whole service on a free port of the loopback interface, with settings as the environment gives them. */
export async function startApp(
  environment: Record<string, string> = {},
  clock: Clock = new Clock(),
): Promise<RunningApp> {
  const settings = Settings.from({ ...FOR_TESTS, FAST_PATH, ...environment });
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Settings)
    .useValue(settings)
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  const app = module.createNestApplication<INestApplication<Server>>({ logger: false });
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), close: () => app.close() };
}
