import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { PROTOCOL_OF, type ServerEvent, type ServerEvents } from '../protocol/events.js';
import type { AckRequest } from './ack-request.js';
import { UNCOUNTED } from './connection-guard.js';
import { type EncodedEvent, encodeEvent } from './encoded-event.js';
import { encodeAck, EncodedReply, type Reply } from './encoded-reply.js';
import type { PeerSocket, SignalingServer } from './peer-socket.js';
import { writePacket } from './write-packet.js';

/** The only one who knows how a connection is reached; everybody else speaks of ids. */
@WebSocketGateway()
export class PeerMessenger {
  @WebSocketServer() private readonly server!: SignalingServer;

  /**
   * Pushes to one peer. False if it is not connected, or speaks no protocol that has this event; true
   * does not say that it arrived.
   */
  send<E extends ServerEvent>(to: string, event: E, ...args: Parameters<ServerEvents[E]>): boolean {
    const socket = this.connected(to);
    if (socket === undefined || !knows(socket, event)) return false;
    writePacket(socket.conn, encodeEvent(event, ...args));
    return true;
  }

  /** Like `send`, for a packet that many get. */
  sendEncoded(to: string, packet: EncodedEvent): boolean {
    const socket = this.connected(to);
    if (socket !== undefined) writePacket(socket.conn, packet);
    return socket !== undefined;
  }

  /** A presence list, whose backlog is bounded by its sender; `onSent` once it has left this process. */
  sendUncounted(to: string, packet: EncodedEvent, onSent: () => void): boolean {
    const socket = this.connected(to);
    socket?.conn.write(packet, UNCOUNTED, onSent);
    return socket !== undefined;
  }

  /** Answers an event; once, since nothing stands in the way of a second time. */
  acknowledge(to: string, request: AckRequest, reply: Reply): void {
    const socket = this.connected(to);
    const packet = encodeAck(request, reply);
    if (reply instanceof EncodedReply && reply.onSent !== undefined) {
      socket?.conn.write(packet, UNCOUNTED, reply.onSent);
    } else if (socket !== undefined) writePacket(socket.conn, packet);
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

  private connected(id: string): PeerSocket | undefined {
    const socket = this.server.sockets.sockets.get(id);
    return socket?.connected && socket.conn.readyState === 'open' ? socket : undefined;
  }
}

function knows({ data: { protocol = 1 } }: PeerSocket, event: ServerEvent): boolean {
  return PROTOCOL_OF[event] <= protocol;
}
