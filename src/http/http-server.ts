import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HANDSHAKE_TIMEOUT_MS, HTTP_HEADERS_MAX_BYTES, KEEP_ALIVE_MS } from '../protocol/limits.js';
import { RequestQueue } from './request-queue.js';

/** Engine.IO's only path. It would take whatever begins so, such as the script of the client. */
const SIGNALING_PATH = /^\/socket\.io\/(\?|$)/;

type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** The server that Nest made: how much of it one client may have, and how its connections end. */
@Injectable()
export class HttpServer implements OnModuleInit {
  private readonly sockets = new Set<Socket>();
  private readonly queue = new RequestQueue();

  constructor(private readonly host: HttpAdapterHost) {}

  get server(): Server {
    return this.host.httpAdapter.getHttpServer() as Server;
  }

  onModuleInit(): void {
    // Node looks for requests that never finish every 30 s, unless this undocumented one says else.
    Object.assign(this.server, {
      headersTimeout: HANDSHAKE_TIMEOUT_MS,
      requestTimeout: HANDSHAKE_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: HTTP_HEADERS_MAX_BYTES,
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      stopParsingWhenDestroyed(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.handleInTurns();
  }

  /**
   * Cuts off who is left, and lets in nobody. Nest's own option for it is one of creation, and
   * without it a stop lasts for as long as any client likes.
   */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** By now Engine.IO has put itself in front of Nest's routes. */
  private handleInTurns(): void {
    const { server, queue } = this;
    const routes = this.host.httpAdapter.getInstance<RequestListener>();
    const signaling = server.listeners('request') as RequestListener[];
    const upgrades = server.listeners('upgrade') as Upgrade[];
    server.removeAllListeners('request').on('request', (request, response: ServerResponse) => {
      const { socket } = request;
      const handlers = SIGNALING_PATH.test(request.url ?? '') ? signaling : [routes];
      queue.add(socket, () => handlers.forEach((handle) => handle(request, response)));
      response.once('close', () => queue.answered(socket));
    });
    server.removeAllListeners('upgrade').on('upgrade', (request, socket: Socket, head) => {
      queue.add(socket, () => upgrades.forEach((handle) => handle(request, socket, head)));
    });
  }
}

/** A parser of Node's, by names of its own. */
interface Parser {
  onIncoming?: (request: IncomingMessage, keepAlive: boolean) => number;
}

/**
 * Node makes two thousand requests of a segment, though the connection was destroyed at the ninth.
 * An answer of 2 tells its parser that what follows is no HTTP.
 */
function stopParsingWhenDestroyed(socket: Socket): void {
  const { parser } = socket as Socket & { parser?: Parser };
  const { onIncoming } = parser ?? {};
  if (parser === undefined || onIncoming === undefined) return;
  parser.onIncoming = (request, keepAlive) =>
    socket.destroyed ? 2 : onIncoming(request, keepAlive);
}
