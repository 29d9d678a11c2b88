import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { Settings } from '../config/settings.js';
import { serveDemo } from '../demo/demo.js';
import { Management } from '../health/management.js';
import { serveClientScripts } from './client-scripts.js';
import { Origins } from './origins.js';

/** What every HTTP request passes before it comes to a route. */
@Injectable()
export class FrontDoor {
  constructor(
    private readonly settings: Settings,
    private readonly management: Management,
    private readonly origins: Origins,
    host: HttpAdapterHost<ExpressAdapter>,
  ) {
    // As soon as there is something to stand in front of: whoever creates the application, nothing
    // that it adds, such as Nest's parser of bodies, gets to see what is refused here.
    host.init$.subscribe(() => this.standBefore(host.httpAdapter));
  }

  private standBefore(http: ExpressAdapter): void {
    const { settings, management, origins } = this;
    http.use(helmet(SECURITY_HEADERS));
    http.use(management.gate.bind(management));
    http.use((request: Request, response: Response, next: NextFunction) => {
      if (!origins.isForeign(request)) next();
      else response.status(403).json({ statusCode: 403, message: 'this origin is not allowed' });
    });
    http.enableCors(settings.cors);
    serveClientScripts(http);
    if (settings.DEMO) serveDemo(http);
  }
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
