import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { ServerEvent, ServerEvents } from '../protocol/events.js';
import type { AckRequest } from './ack-request.js';
import { UNCOUNTED } from './connection-guard.js';
import { type EncodedEvent, encodeEvent } from './encoded-event.js';
import { encodeAck, EncodedReply, type Reply } from './encoded-reply.js';
import { inSlices } from './in-slices.js';
import type { PeerSocket, SignalingServer } from './peer-socket.js';

/** Engine.IO queues all but the first packet for a peer, and writes them once this slice is over. */
const PACKETS_PER_SLICE = 500;

interface Announcement {
  packet: EncodedEvent;
  exceptId: string | undefined;
}

/** The only one who knows how a connection is reached; everybody else speaks of ids. */
@WebSocketGateway()
export class PeerMessenger {
  @WebSocketServer() private readonly server!: SignalingServer;
  private announcements: Announcement[] = [];
  private announcing = false;

  /** Pushes to one peer. False if it is not connected; true does not say that it arrived. */
  send<E extends ServerEvent>(to: string, event: E, ...args: Parameters<ServerEvents[E]>): boolean {
    return this.write(to, encodeEvent(event, ...args));
  }

  /** Like `send`, for a packet that many share; `onSent` once it has left this process. */
  sendShared(to: string, packet: EncodedEvent, onSent: () => void): boolean {
    const socket = this.connected(to);
    socket?.conn.write(packet, UNCOUNTED, onSent);
    return socket !== undefined;
  }

  /** Answers an event; once, since nothing stands in the way of a second time. */
  acknowledge(to: string, request: AckRequest, reply: Reply): void {
    const socket = this.connected(to);
    const packet = encodeAck(request, reply);
    if (reply instanceof EncodedReply) socket?.conn.write(packet, UNCOUNTED, reply.onSent);
    else socket?.conn.write(packet, { compress: false });
  }

  /** To everybody but one. Announcements keep their order among themselves; relays overtake them. */
  announce<E extends ServerEvent>(
    event: E,
    args: Parameters<ServerEvents[E]>,
    exceptId?: string,
  ): void {
    this.announcements.push({ packet: encodeEvent(event, ...args), exceptId });
    if (!this.announcing) void this.flushAnnouncements();
  }

  reaches(id: string): boolean {
    return this.connected(id) !== undefined;
  }

  get connectionCount(): number {
    return this.server.sockets.sockets.size;
  }

  connectionIds(): string[] {
    return [...this.server.sockets.sockets.keys()];
  }

  /** Closes the transport once what waits has been written; a stock client comes back by itself. */
  close(id: string): void {
    this.connected(id)?.conn.close();
  }

  /** For good: a stock client does not come back. */
  expel(id: string): void {
    this.connected(id)?.disconnect(true);
  }

  /** Closes the transport of a peer that does not read; what waits for it is dropped. */
  cutOff(id: string): void {
    this.connected(id)?.conn.close(true);
  }

  private async flushAnnouncements(): Promise<void> {
    this.announcing = true;
    while (this.announcements.length > 0) {
      const batch = this.announcements;
      this.announcements = [];
      const announce = (id: string): void => {
        for (const { packet, exceptId } of batch) if (id !== exceptId) this.write(id, packet);
      };
      const maxPeers = Math.ceil(PACKETS_PER_SLICE / batch.length);
      await inSlices(this.server.sockets.sockets.keys(), announce, maxPeers);
    }
    this.announcing = false;
  }

  private write(to: string, packet: EncodedEvent): boolean {
    const socket = this.connected(to);
    socket?.conn.write(packet, { compress: false });
    return socket !== undefined;
  }

  private connected(id: string): PeerSocket | undefined {
    const socket = this.server.sockets.sockets.get(id);
    return socket?.connected && socket.conn.readyState === 'open' ? socket : undefined;
  }
}
