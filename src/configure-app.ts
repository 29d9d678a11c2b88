import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { Settings } from './config/settings.js';
import { Management } from './health/management.js';
import { HANDSHAKE_TIMEOUT_MS } from './protocol/limits.js';
import { SignalingAdapter } from './signaling/signaling.adapter.js';

const DEMO_FILES = fileURLToPath(new URL('./demo/public', import.meta.url));

/** Nest only reads these when it creates the application, so whoever creates one passes them. */
export const APP_OPTIONS = { bodyParser: false, forceCloseConnections: true } as const;

/** Everything an application needs beside its modules: the same for `main` and for the tests. */
export function configureApp(app: NestExpressApplication): NestExpressApplication {
  const settings = app.get(Settings);
  const management = app.get(Management);
  app.use(helmet(SECURITY_HEADERS));
  app.use(management.gate.bind(management));
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (settings.allowsOrigin(request.headers.origin)) next();
    else response.status(403).json({ statusCode: 403, message: 'this origin is not allowed' });
  });
  app.enableCors({ origin: settings.corsOrigin });
  if (settings.DEMO) app.useStaticAssets(DEMO_FILES, { prefix: '/demo/' });
  app.useWebSocketAdapter(new SignalingAdapter(app));
  // Node looks for requests that never finish every 30 s, unless this undocumented one says else.
  Object.assign(app.getHttpServer(), {
    headersTimeout: HANDSHAKE_TIMEOUT_MS,
    requestTimeout: HANDSHAKE_TIMEOUT_MS,
    connectionsCheckingInterval: 1_000,
  });
  return app;
}

const SECURITY_HEADERS: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      connectSrc: ["'self'", 'ws:', 'wss:'],
      imgSrc: ["'self'", 'data:'],
      mediaSrc: ["'self'", 'blob:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // Whoever terminates TLS in front of this service decides about HSTS.
  strictTransportSecurity: false,
};
