import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

type Send = Parameters<WebSocket['send']>;

/**
 * What is sent to one peer within a tick leaves in one write: the candidates of a burst come in one
 * segment, and without this cost a system call each.
 */
export class CorkedWebSocket extends WebSocket {
  private tcp: Duplex | undefined;

  /** ws has no public name for it. */
  runsOver(tcp: Duplex): void {
    this.tcp = tcp;
  }

  override send(...args: unknown[]): void {
    const { tcp } = this;
    if (tcp?.writableCorked === 0) {
      tcp.cork();
      // Not in the next tick: whoever stops the server may get there first, and destroys the socket.
      queueMicrotask(() => tcp.uncork());
    }
    super.send(...(args as Send));
  }
}
