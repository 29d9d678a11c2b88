import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Settings } from './config/settings.js';

const ALL_ADDRESSES = ['0.0.0.0', '::'];

/** What whoever starts the service wants to know: where it is, and who may come in. */
export async function announce(app: NestExpressApplication, settings: Settings): Promise<void> {
  const logger = new Logger('Switchboard');
  const url = await app.getUrl();
  logger.log(`listening on ${url}`);
  if (settings.DEMO) logger.log(`the demo is at ${url}/demo/`);
  const { address } = app.getHttpServer().address() as AddressInfo;
  if (settings.AUTH_MODE === 'open' && ALL_ADDRESSES.includes(address)) {
    logger.warn(
      `open to everybody: AUTH_MODE=open on all addresses of this machine (HOST=${address}); ` +
        'HOST=127.0.0.1 keeps it to yourself, AUTH_MODE=jwt asks for a token',
    );
  }
}
