import { Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Settings } from '../config/settings.js';
import type { EventHandler, PeerSocket } from '../delivery/peer-socket.js';
import { GuardedWebSocket } from '../wire/guarded-web-socket.js';
import { acceptPayload } from './accept-payload.js';
import { directHandlers } from './direct-handlers.js';
import { DirectWriter } from './direct-writer.js';
import { type EventSink, FastWebSocket, fastWebSocketOf } from './fast-web-socket.js';

const NONE: ReadonlyMap<string, EventHandler> = new Map();

/**
 * The door to the short cuts past Nest, Socket.IO, Engine.IO and ws. While it is closed, every
 * message takes the way of the libraries, and comes to the same.
 */
@Injectable()
export class FastPath {
  constructor(
    private readonly settings: Settings,
    private readonly modules: ModuleRef,
    private readonly writer: DirectWriter,
  ) {}

  /** What Engine.IO is to make WebSockets of. */
  get webSocketClass(): typeof GuardedWebSocket {
    return this.settings.FAST_PATH ? FastWebSocket : GuardedWebSocket;
  }

  /**
   * Those handlers of a gateway that can be called without Nest's callbacks.
   *
   * @param pipe the one that rebuilds payloads as DTOs and validates them
   */
  handlersOf(gateway: object, pipe: Type<PipeTransform>): ReadonlyMap<string, EventHandler> {
    if (!this.settings.FAST_PATH) return NONE;
    return directHandlers(this.modules, gateway, { pipe, accept: acceptPayload });
  }

  /** From now on, or from when it has a WebSocket on, the peer's events go straight to the sink. */
  open(peer: PeerSocket, sink: EventSink): void {
    if (!this.settings.FAST_PATH) return;
    const { conn } = peer;
    const open = (): void => fastWebSocketOf(conn)?.open(peer, sink, this.writer);
    if (conn.transport.name === 'websocket') open();
    else conn.once('upgrade', open);
  }
}
