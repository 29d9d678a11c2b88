import { Injectable } from '@nestjs/common';
import { Backlogs } from '../delivery/backlogs.js';
import { PacketWriter } from '../delivery/packet-writer.js';
import type { PeerConnection } from '../delivery/peer-socket.js';
import type { SharedText } from '../delivery/shared-text.js';
import { type FastWebSocket, fastWebSocketOf } from './fast-web-socket.js';

/** What is shared and no larger may be copied for each, and count as if it were not shared. */
const COPIED_MAX_BYTES = 4 * 1024;
/** Its continuations are microtasks, as those of `queueMicrotask`, without an AsyncResource for each. */
const SETTLED = Promise.resolve();

/**
 * Writes to the WebSocket itself while its peer reads and Engine.IO has nothing queued for it, which
 * would make an object and four events of every packet. What has to wait waits there, counted.
 */
@Injectable()
export class DirectWriter extends PacketWriter {
  private readonly unflushed: FastWebSocket[] = [];

  constructor(private readonly backlogs: Backlogs) {
    super();
  }

  override write(connection: PeerConnection, packet: string): void {
    const webSocket = fastWebSocketOf(connection);
    if (webSocket !== undefined && isIdle(connection) && webSocket.sendText(packet)) return;
    webSocket?.flush();
    super.write(connection, packet);
  }

  override writeShared(
    connection: PeerConnection,
    text: SharedText,
    prefix: string,
    onSent?: () => void,
  ): void {
    const isSmall = onSent === undefined && text.bytes.length <= COPIED_MAX_BYTES;
    if (isSmall) return this.write(connection, prefix + text.text);
    fastWebSocketOf(connection)?.flush();
    super.writeShared(connection, text, prefix, onSent);
  }

  /** Not in the next tick: whoever stops the server may get there first, and destroys the socket. */
  flushLater(webSocket: FastWebSocket): void {
    if (this.unflushed.push(webSocket) === 1) void SETTLED.then(() => this.flush());
  }

  private flush(): void {
    for (const webSocket of this.unflushed) {
      webSocket.flush();
      const { behind } = webSocket;
      if (behind !== undefined) this.backlogs.fellBehind(behind);
    }
    this.unflushed.length = 0;
  }
}

/** Whether nothing waits in Engine.IO, by names of its own. */
function isIdle(connection: PeerConnection): boolean {
  const { writeBuffer } = connection as unknown as { writeBuffer?: unknown[] };
  return connection.transport.writable && writeBuffer?.length === 0;
}
