import { BACKLOG_MAX_BYTES } from '../protocol/limits.js';
import type { PeerConnection } from './peer-socket.js';

/** Marks a packet that its sender bounds by other means. */
export const UNCOUNTED = { compress: false } as const;

interface QueuedPacket {
  data?: string | Buffer;
  options?: object;
}

/**
 * Counts what waits, unsent, for one connection, and reports once it is too much. Engine.IO queues
 * without a bound: a peer that stops reading would otherwise fill the memory of the server with
 * what others send it. SDP and candidates are ASCII, so characters are bytes.
 */
export function watchBacklog(connection: PeerConnection, onOverflow: () => void): void {
  let waitingBytes = 0;
  connection.on('packetCreate', ({ data, options }: QueuedPacket) => {
    if (data === undefined || options === UNCOUNTED) return;
    waitingBytes += data.length;
    if (waitingBytes > BACKLOG_MAX_BYTES) onOverflow();
  });
  connection.on('flush', () => {
    waitingBytes = 0;
  });
}
