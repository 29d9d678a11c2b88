import type { SharedOptions } from './backlog.js';
import type { PeerConnection } from './peer-socket.js';
import { type PeerWebSocket, webSocketOf } from './peer-web-socket.js';
import type { SharedText } from './shared-text.js';

/** More than a burst that a peer is about to read. */
const DIRECT_MAX_BYTES = 64 * 1024;
/** What is shared and no larger may count as if it were not. */
const SHARED_DIRECT_MAX_BYTES = 4 * 1024;

/**
 * Writes to the WebSocket itself while its peer reads and Engine.IO has nothing queued for it, which
 * would make an object and four events of every packet. What waits for longer waits there, counted.
 */
export function writePacket(connection: PeerConnection, packet: string): void {
  const webSocket = webSocketOf(connection);
  if (isReading(webSocket) && connection.transport.writable) {
    webSocket.send(`4${packet}`); // 4 = Engine.IO's MESSAGE
  } else {
    connection.write(packet, { compress: false });
  }
}

/**
 * Writes a text that many get, without a copy for each.
 *
 * @param onSent called once it has left this process, if it does; who gives it bounds by himself what
 * waits, and it is not counted against the connection
 */
export function writeShared(
  connection: PeerConnection,
  text: SharedText,
  prefix: string,
  onSent?: () => void,
): void {
  const frame = text.frameFor(prefix);
  const webSocket = webSocketOf(connection);
  const isSmall = onSent === undefined && text.bytes.length <= SHARED_DIRECT_MAX_BYTES;
  if (isSmall && isReading(webSocket) && connection.transport.writable) {
    webSocket.sendFrame(frame);
  } else {
    const options: SharedOptions = {
      compress: false,
      wsPreEncodedFrame: frame,
      shared: text,
      onSent,
    };
    connection.write(prefix + text.text, options);
  }
}

function isReading(webSocket: PeerWebSocket | undefined): webSocket is PeerWebSocket {
  return webSocket !== undefined && webSocket.bufferedAmount < DIRECT_MAX_BYTES;
}
