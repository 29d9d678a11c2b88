import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HANDSHAKE_TIMEOUT_MS, HTTP_HEADERS_MAX_BYTES, KEEP_ALIVE_MS } from '../protocol/limits.js';
import { AddressBudgets } from '../rate-limit/address-budgets.js';
import { RequestQueue } from './request-queue.js';

/** Engine.IO's only path. It would take whatever begins so, such as the script of the client. */
const SIGNALING = /^\/socket\.io\/(\?|$)/;
/** Or what claims to be: whether there is such a session, Engine.IO says. */
const OF_SESSION = /^\/socket\.io\/\?(.*&)?sid=./;
/** Never refused: a balancer that takes a node for dead would do an attacker's work. */
const HEALTH = /^\/health(\/|\?|$)/i;

type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** The server that Nest made: how much of it one client may have, and how its connections end. */
@Injectable()
export class HttpServer implements OnModuleInit {
  private readonly sockets = new Set<Socket>();
  private readonly queue = new RequestQueue();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly budgets: AddressBudgets,
  ) {}

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
    const { sockets } = this;
    // The same for all, each of which is its `this`: a closure for each takes a quarter of a kilobyte.
    const forget = function (this: Socket): void {
      sockets.delete(this);
    };
    this.server.on('connection', (socket) => {
      sockets.add(socket);
      stopParsingWhenDestroyed(socket);
      socket.on('close', forget);
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
      const { socket, method, url = '' } = request;
      if (!queue.count(socket)) return;
      response.once('close', () => queue.answered(socket));
      // Engine.IO answers what browsers ask beforehand without looking for the session.
      const isOfSession = OF_SESSION.test(url) && method !== 'OPTIONS';
      if (!isOfSession && !this.pays(request, response)) return;
      const handlers = SIGNALING.test(url) ? signaling : [routes];
      queue.add(socket, isOfSession, () => handlers.forEach((handle) => handle(request, response)));
    });
    server.removeAllListeners('upgrade').on('upgrade', (request, socket: Socket, head) => {
      socket.on('error', ignore); // Node has let go of it, and nobody has it yet
      if (!SIGNALING.test(request.url ?? '')) {
        socket.destroy();
        return;
      }
      queue.add(socket, false, () => upgrades.forEach((handle) => handle(request, socket, head)));
    });
  }

  /** Whoever goes on has to connect anew for every further answer. */
  private pays(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = '', headers } = request;
    // Nothing here reads a body, and Node would read it to its end.
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0) {
      response.setHeader('Connection', 'close');
    }
    // New sessions have a budget of their own; what a browser asks before them has not.
    if (SIGNALING.test(url) && method !== 'OPTIONS') return true;
    if (this.budgets.takeRequest(request)) return true;
    response.setHeader('Connection', 'close');
    if (HEALTH.test(url)) return true;
    response
      .writeHead(429, { 'Retry-After': 1, 'Content-Type': 'application/json' })
      .end(JSON.stringify({ statusCode: 429, message: 'Too Many Requests' }));
    return false;
  }
}

/** Not made where it is used: it would hold the request for as long as the socket lives. */
function ignore(): void {
  // the one who asked is gone
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
