import { BACKLOG_MAX_BYTES } from '../protocol/limits.js';
import type { PeerConnection } from './peer-socket.js';
import { webSocketOf } from './peer-web-socket.js';

/**
 * Writes to the WebSocket itself while Engine.IO has nothing queued for it, which would make an object
 * and four events of every packet. The bound of what waits unread is the same, wherever it waits.
 */
export function writePacket(connection: PeerConnection, packet: string): void {
  const webSocket = webSocketOf(connection);
  if (webSocket === undefined || !connection.transport.writable) {
    connection.write(packet, { compress: false });
    return;
  }
  webSocket.send(`4${packet}`); // 4 = Engine.IO's MESSAGE
  if (webSocket.bufferedAmount > BACKLOG_MAX_BYTES) queueMicrotask(() => connection.close(true));
}
