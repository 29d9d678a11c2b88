import { Injectable } from '@nestjs/common';
import type { SharedOptions } from './backlog.js';
import type { PeerConnection } from './peer-socket.js';
import type { SharedText } from './shared-text.js';

/** Hands packets to a connection, which sends them in the order in which they were handed over. */
@Injectable()
export class PacketWriter {
  write(connection: PeerConnection, packet: string): void {
    connection.write(packet, { compress: false });
  }

  /**
   * For a text that many get, without a copy for each.
   *
   * @param onSent called once it has left this process, if it does; who gives it bounds by himself
   * what waits, and it is not counted against the connection
   */
  writeShared(
    connection: PeerConnection,
    text: SharedText,
    prefix: string,
    onSent?: () => void,
  ): void {
    const options: SharedOptions = {
      compress: false,
      wsPreEncodedFrame: text.frameFor(prefix),
      shared: text,
      onSent,
    };
    connection.write(prefix + text.text, options);
  }
}
