import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import { MESSAGE_MAX_FRAGMENTS, MESSAGE_MAX_SEGMENTS } from '../protocol/limits.js';
import type { Charge } from './charge.js';
import { PeerWebSocket } from './peer-web-socket.js';

/**
 * The WebSockets of Engine.IO, those of an upgrade that never comes about included. One message or
 * ping of each is handled in a turn of the event loop, however many come at once.
 */
export class GuardedWebSocketServer extends WebSocketServer<typeof PeerWebSocket> {
  constructor(
    options: ServerOptions,
    private readonly chargeFor: (request: IncomingMessage) => Charge,
  ) {
    super({
      ...options,
      WebSocket: PeerWebSocket,
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
    done: (webSocket: PeerWebSocket, request: IncomingMessage) => void,
  ): void {
    super.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.runsOver(socket, this.chargeFor(request));
      done(webSocket, request);
    });
  }
}
