import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HANDSHAKE_TIMEOUT_MS, HTTP_HEADERS_MAX_BYTES } from '../protocol/limits.js';

/** The server that Nest made: how long a request may take, and how its connections end. */
@Injectable()
export class HttpServer implements OnModuleInit {
  private readonly sockets = new Set<Socket>();

  constructor(private readonly host: HttpAdapterHost) {}

  get server(): Server {
    return this.host.httpAdapter.getHttpServer() as Server;
  }

  onModuleInit(): void {
    // Node looks for requests that never finish every 30 s, unless this undocumented one says else.
    Object.assign(this.server, {
      headersTimeout: HANDSHAKE_TIMEOUT_MS,
      requestTimeout: HANDSHAKE_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: HTTP_HEADERS_MAX_BYTES,
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /**
   * Cuts off who is left, and lets in nobody. Nest's own option for it is one of creation, and
   * without it a stop lasts for as long as any client likes.
   */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
