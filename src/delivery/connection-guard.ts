import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { BACKLOG_MAX_BYTES, CLOSE_GRACE_MS } from '../protocol/limits.js';
import type { PeerConnection } from './peer-socket.js';
import { PeerWebSocket, webSocketOf } from './peer-web-socket.js';

/** Marks a packet that its sender bounds by other means. */
export const UNCOUNTED = { compress: false } as const;

/** Holds one Engine.IO connection to what one client needs, from its handshake on. */
export function guardConnection(connection: PeerConnection): void {
  limitBacklog(connection);
  limitToOneConnect(connection);
  connection.once('close', () => endWebSocket(webSocketOf(connection)));
}

/**
 * The WebSockets of Engine.IO, those of an upgrade that never comes about included. ws answers every
 * ping by itself, and queues the answers for those who do not read them.
 */
export class GuardedWebSocketServer extends WebSocketServer<typeof PeerWebSocket> {
  constructor(options: ServerOptions) {
    super({ ...options, WebSocket: PeerWebSocket });
  }

  override handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    done: (webSocket: PeerWebSocket, request: IncomingMessage) => void,
  ): void {
    super.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.runsOver(socket);
      webSocket.on('ping', () => {
        if (webSocket.bufferedAmount > BACKLOG_MAX_BYTES) webSocket.terminate();
      });
      done(webSocket, request);
    });
  }
}

/**
 * Engine.IO queues without a bound: a peer that stops reading would fill the memory of the server
 * with what others send it, or with the answers to its own flood.
 */
function limitBacklog(connection: PeerConnection): void {
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

/**
 * Socket.IO makes a peer of every CONNECT packet that comes before the first is handled, and a
 * polling payload holds thousands. Those to other namespaces it refuses by itself.
 */
function limitToOneConnect(connection: PeerConnection): void {
  let connects = 0;
  connection.on('data', (packet: unknown) => {
    if (typeof packet !== 'string' || !/^0(?!\/)/.test(packet)) return;
    connects += 1;
    if (connects > 1) connection.close(true);
  });
}

/** ws waits half a minute for a client to agree to the end; what waits for it waits as long. */
function endWebSocket(webSocket: WebSocket | undefined): void {
  if (webSocket === undefined || webSocket.readyState === webSocket.CLOSED) return;
  setTimeout(() => webSocket.terminate(), CLOSE_GRACE_MS).unref();
}
