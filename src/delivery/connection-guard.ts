import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import {
  BACKLOG_MAX_BYTES,
  MESSAGE_MAX_FRAGMENTS,
  MESSAGE_MAX_SEGMENTS,
} from '../protocol/limits.js';
import type { Charge } from './charge.js';
import type { PeerConnection } from './peer-socket.js';
import { PeerWebSocket } from './peer-web-socket.js';

/** Marks a packet that its sender bounds by other means. */
export const UNCOUNTED = { compress: false } as const;

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

/**
 * Engine.IO queues without a bound: a peer that stops reading would fill the memory of the server
 * with what others send it, or with the answers to its own flood.
 */
export function limitBacklog(connection: PeerConnection): void {
  let queuedBytes = 0;
  let inFlightBytes = 0;
  connection.on('packetCreate', ({ data, options }: { data?: string; options?: object }) => {
    if (data === undefined || options === UNCOUNTED) return;
    if (connection.transport.writable) inFlightBytes = 0; // all that was handed over has been sent
    queuedBytes += Buffer.byteLength(data);
    // Not at once: whoever is sending to it is in the middle of something.
    if (queuedBytes + inFlightBytes > BACKLOG_MAX_BYTES) {
      queueMicrotask(() => connection.close(true));
    }
  });
  connection.on('flush', () => {
    inFlightBytes = queuedBytes;
    queuedBytes = 0;
  });
}
