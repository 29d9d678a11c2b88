import type { WebSocket } from 'ws';
import { BACKLOG_MAX_BYTES, CLOSE_GRACE_MS } from '../protocol/limits.js';
import type { PeerConnection } from './peer-socket.js';

/** Marks a packet that its sender bounds by other means. */
export const UNCOUNTED = { compress: false } as const;

const CONNECT = '0';

/** Holds one Engine.IO connection to what one client needs, from its handshake on. */
export function guardConnection(connection: PeerConnection): void {
  limitBacklog(connection);
  limitToOneConnect(connection);
  limitPongs(webSocketOf(connection.transport));
  connection.once('upgrading', (transport: object) => limitPongs(webSocketOf(transport)));
  connection.once('close', () => endWebSocket(webSocketOf(connection.transport)));
}

/**
 * Engine.IO queues without a bound: a peer that stops reading would fill the memory of the server
 * with what others send it, or with the answers to its own flood. SDP and candidates are ASCII, so
 * characters are bytes.
 */
function limitBacklog(connection: PeerConnection): void {
  let waitingBytes = 0;
  connection.on('packetCreate', ({ data, options }: { data?: string; options?: object }) => {
    if (data === undefined || options === UNCOUNTED) return;
    waitingBytes += data.length;
    // Not at once: whoever is sending to it is in the middle of something.
    if (waitingBytes > BACKLOG_MAX_BYTES) queueMicrotask(() => connection.close(true));
  });
  connection.on('flush', () => {
    waitingBytes = 0;
  });
}

/**
 * Socket.IO makes a peer of every CONNECT packet that comes before the first is handled, and a
 * polling payload holds thousands.
 */
function limitToOneConnect(connection: PeerConnection): void {
  let connects = 0;
  connection.on('data', (packet: unknown) => {
    if (typeof packet !== 'string' || !packet.startsWith(CONNECT)) return;
    connects += 1;
    if (connects > 1) connection.close(true);
  });
}

/** ws answers every ping by itself, and queues the answers of those who do not read them. */
function limitPongs(webSocket: WebSocket | undefined): void {
  webSocket?.on('ping', () => {
    if (webSocket.bufferedAmount > BACKLOG_MAX_BYTES) webSocket.terminate();
  });
}

/** ws waits half a minute for a client to agree to the end; what waits for it waits as long. */
function endWebSocket(webSocket: WebSocket | undefined): void {
  if (webSocket === undefined || webSocket.readyState === webSocket.CLOSED) return;
  setTimeout(() => webSocket.terminate(), CLOSE_GRACE_MS).unref();
}

/** Engine.IO has no public name for it. Undefined for long-polling. */
function webSocketOf(transport: object): WebSocket | undefined {
  return 'socket' in transport ? (transport.socket as WebSocket) : undefined;
}
