import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Request, Response, NextFunction } from 'express';
import { Settings } from '../config/settings.js';
import { HANDSHAKE_TIMEOUT_MS, KEEP_ALIVE_MS } from '../protocol/limits.js';

/** Express does not look at the case of a path either. */
const PATHS = /^\/(health|metrics)(\/|$)/i;

/**
 * With `MANAGEMENT_PORT` what an operations team needs is served there and no longer to the public.
 * Both ports lead to the same routes; this is who may pass where.
 */
@Injectable()
export class Management implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Management');
  private readonly itsRequests = new WeakSet<IncomingMessage>();
  private server: Server | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly http: HttpAdapterHost,
  ) {}

  gate(request: Request, response: Response, next: NextFunction): void {
    const { MANAGEMENT_PORT } = this.settings;
    if (
      MANAGEMENT_PORT === undefined ||
      PATHS.test(request.path) === this.itsRequests.has(request)
    ) {
      next();
    } else {
      response.status(404).json({ statusCode: 404, message: 'Not Found' });
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    const { MANAGEMENT_PORT, HOST } = this.settings;
    if (MANAGEMENT_PORT === undefined) return;
    const handle = this.http.httpAdapter.getInstance<RequestListener>();
    const timeouts = {
      headersTimeout: HANDSHAKE_TIMEOUT_MS,
      requestTimeout: HANDSHAKE_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
    };
    const server = createServer(timeouts, (request, response) => {
      this.itsRequests.add(request);
      handle(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(MANAGEMENT_PORT, HOST, resolve);
    });
    this.server = server;
    const { port } = server.address() as AddressInfo;
    this.logger.log(`management on port ${port}`);
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
