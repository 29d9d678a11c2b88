import { Injectable } from '@nestjs/common';
import type { PeerConnection } from '../delivery/peer-socket.js';
import { Origins } from '../http/origins.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { answerRequest, type EngineRequest } from './answer-request.js';

/** With what Engine.IO has read from its URL. */
export interface ReadRequest extends EngineRequest {
  readonly _query: Readonly<Partial<Record<'sid' | 'transport' | 'j', string>>>;
}

/**
 * Which requests get to Engine.IO, be they for a new connection or for one that there is: no `cors`
 * keeps a page from sending them, and with JSONP not from reading the answers either.
 */
@Injectable()
export class RequestScreen {
  /** Of the connections that a foreign page has opened, where it is from. */
  private readonly foreign = new Map<string, string | undefined>();

  constructor(private readonly origins: Origins) {}

  /** For Engine.IO's `use`, which asks about every request, upgrades as well. */
  admit(request: ReadRequest, next: () => void): void {
    const { transport, j, sid } = request._query;
    if (transport === 'polling' && j !== undefined) {
      this.refuse(request, 'JSONP is not served here: poll with XMLHttpRequest or fetch');
    } else if (this.origins.isByTagElsewhere(request) || this.trespasses(request, sid)) {
      this.refuse(request, 'this origin is not allowed');
    } else {
      next();
    }
  }

  follow(connection: PeerConnection): void {
    const { request } = connection;
    if (!this.origins.isForeign(request)) return;
    const { id } = connection as unknown as { readonly id: string };
    this.foreign.set(id, request.headers.origin);
    connection.once('close', () => this.foreign.delete(id));
  }

  /**
   * A foreign page that says where it is from may open a connection and speak on that one, up to
   * the Socket.IO handshake, whose answer stops a stock client. An HTTP status would not.
   */
  private trespasses(request: ReadRequest, sid: string | undefined): boolean {
    if (!sid || !this.origins.isForeign(request)) return false;
    return this.foreign.get(sid) !== request.headers.origin;
  }

  private refuse(request: EngineRequest, message: string): void {
    answerRequest(request, 403, new SignalingError('unauthorized', message));
  }
}
