import type { PeerConnection } from './peer-socket.js';
import { webSocketOf } from './peer-web-socket.js';

/** More than a burst that a peer is about to read. */
const DIRECT_MAX_BYTES = 64 * 1024;

/**
 * Writes to the WebSocket itself while its peer reads and Engine.IO has nothing queued for it, which
 * would make an object and four events of every packet. What waits for longer waits there, counted.
 */
export function writePacket(connection: PeerConnection, packet: string): void {
  const webSocket = webSocketOf(connection);
  const isReading = webSocket !== undefined && webSocket.bufferedAmount < DIRECT_MAX_BYTES;
  if (isReading && connection.transport.writable) {
    webSocket.send(`4${packet}`); // 4 = Engine.IO's MESSAGE
  } else {
    connection.write(packet, { compress: false });
  }
}
