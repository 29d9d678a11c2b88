import { Injectable } from '@nestjs/common';
import {
  PROTOCOL_OF,
  type Protocol,
  type ServerEvent,
  type ServerEvents,
} from '../protocol/events.js';
import type { AckRequest } from './ack-request.js';
import { Backlogs } from './backlogs.js';
import { encodeEvent } from './encoded-event.js';
import { ackPrefix, encodeAck, EncodedReply, type Reply } from './encoded-reply.js';
import { PacketWriter } from './packet-writer.js';
import type { PeerSocket, SignalingServer } from './peer-socket.js';
import type { SharedText } from './shared-text.js';

/** The only one who knows how a connection is reached; everybody else speaks of ids. */
@Injectable()
export class PeerMessenger {
  private server!: SignalingServer;

  constructor(
    private readonly backlogs: Backlogs,
    private readonly writer: PacketWriter,
  ) {}

  /** From then on its peers can be reached. */
  serve(server: SignalingServer): void {
    this.server = server;
  }

  /**
   * Pushes to one peer. False if it is not connected, or speaks no protocol that has this event; true
   * does not say that it arrived.
   */
  send<E extends ServerEvent>(to: string, event: E, ...args: Parameters<ServerEvents[E]>): boolean {
    const socket = this.connected(to);
    if (socket === undefined || protocolOf(socket) < PROTOCOL_OF[event]) return false;
    this.writer.write(socket.conn, encodeEvent(event, ...args));
    return true;
  }

  /** Like `send`, for what one peer sends another: false, too, if there is no room for it. */
  relay<E extends ServerEvent>(
    to: string,
    event: E,
    ...args: Parameters<ServerEvents[E]>
  ): boolean {
    return this.hasRoomFor(to) && this.send(to, event, ...args);
  }

  /** False while so much waits for a peer that nobody else may add to it. */
  hasRoomFor(id: string): boolean {
    if (!this.backlogs.someAreFull) return true;
    const socket = this.connected(id);
    return socket === undefined || this.backlogs.hasRoom(socket.conn);
  }

  /** Whether so much waits for all peers together that whatever is large and may wait should. */
  get isShortOfRoom(): boolean {
    return this.backlogs.isShort;
  }

  /**
   * Like `send`, for what many get.
   *
   * @param onSent called once it has left this process; who gives it bounds by himself what waits
   */
  sendShared(to: string, packet: SharedText, onSent?: () => void): boolean {
    const socket = this.connected(to);
    if (socket === undefined || protocolOf(socket) < packet.protocol) return false;
    this.writer.writeShared(socket.conn, packet, '', onSent);
    return true;
  }

  /** Answers an event; once, since nothing stands in the way of a second time. */
  acknowledge(to: string, request: AckRequest, reply: Reply | EncodedReply): void {
    const socket = this.connected(to);
    if (socket === undefined) return;
    if (reply instanceof EncodedReply) {
      this.writer.writeShared(socket.conn, reply.text, ackPrefix(request), reply.onSent);
    } else this.writer.write(socket.conn, encodeAck(request, reply));
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

  private connected(id: string): PeerSocket | undefined {
    const socket = this.server.sockets.sockets.get(id);
    return socket?.connected && socket.conn.readyState === 'open' ? socket : undefined;
  }
}

function protocolOf({ data }: PeerSocket): Protocol {
  return data.protocol ?? 1;
}
