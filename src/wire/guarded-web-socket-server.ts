import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import { MESSAGE_MAX_FRAGMENTS, MESSAGE_MAX_SEGMENTS } from '../protocol/limits.js';
import type { GuardedWebSocket } from './guarded-web-socket.js';
import type { Payer } from './payer.js';

/**
 * The WebSockets of Engine.IO, those of an upgrade that never comes about included. One message or
 * ping of each is handled in a turn of the event loop, however many come at once.
 */
export class GuardedWebSocketServer extends WebSocketServer<typeof GuardedWebSocket> {
  constructor(
    options: ServerOptions,
    WebSocket: typeof GuardedWebSocket,
    private readonly payerOf: (request: IncomingMessage) => Payer,
  ) {
    super({
      ...options,
      WebSocket,
      allowSynchronousEvents: false,
      autoPong: false,
      maxFragments: MESSAGE_MAX_FRAGMENTS,
      maxBufferedChunks: MESSAGE_MAX_SEGMENTS,
    });
  }

  override handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    done: (webSocket: GuardedWebSocket, request: IncomingMessage) => void,
  ): void {
    super.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.runsOver(socket, this.payerOf(request));
      done(webSocket, request);
    });
  }
}
