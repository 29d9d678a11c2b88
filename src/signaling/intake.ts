import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ServerOptions } from 'ws';
import { Settings } from '../config/settings.js';
import type { PeerConnection, PeerSocket, SignalingServer } from '../delivery/peer-socket.js';
import { AddressBudgets } from '../rate-limit/address-budgets.js';
import { FRAMES_PER_REQUEST } from '../rate-limit/budgets.js';
import { ClientAddress } from '../rate-limit/client-address.js';
import { ConnectionLimits } from '../rate-limit/connection-limits.js';
import { FrameBudget } from '../rate-limit/frame-budget.js';
import type { GuardedWebSocket } from '../wire/guarded-web-socket.js';
import { GuardedWebSocketServer } from '../wire/guarded-web-socket-server.js';
import { letGoOfResponse } from '../wire/let-go.js';
import { takePayloadsInTurns } from '../wire/polling-payloads.js';
import { Journal } from './journal.js';
import { Refusals } from './refusals.js';
import { Session } from './session.js';

/** What the middlewares of Engine.IO get: the request of a session, or of one to be. */
type SessionRequest = IncomingMessage & {
  readonly _query: Readonly<Record<string, string | undefined>>;
  /** Node's mark of a request for a WebSocket. */
  readonly upgrade?: boolean;
};
type Next = (problem?: Error) => void;
interface ConnectionError {
  readonly req: { readonly res?: ServerResponse };
  readonly code: number;
}

/** Engine.IO's code for a request whose `sid` it does not know. */
const UNKNOWN_SESSION = 1;

/** Engine.IO's names for a session that has a WebSocket, or is getting one. */
interface Upgradable {
  readonly upgrading: boolean;
  readonly upgraded: boolean;
}

/**
 * Charges connections for what they send before it comes to be an event: requests, frames, control
 * frames and packets of every kind. Who sends more of it than any client needs to is cut off.
 */
@Injectable()
export class Intake {
  /** By the request that one began with, or that is to bring it a WebSocket. */
  private readonly byRequest = new WeakMap<IncomingMessage, Session>();
  private readonly byConnection = new WeakMap<PeerConnection, Session>();
  private readonly onClose = closeListener(this);

  constructor(
    private readonly settings: Settings,
    private readonly addresses: ClientAddress,
    private readonly addressBudgets: AddressBudgets,
    private readonly connectionLimits: ConnectionLimits,
    private readonly refusals: Refusals,
    private readonly journal: Journal,
  ) {}

  /** For Engine.IO's `wsEngine`. */
  webSocketServer(
    webSocketClass: typeof GuardedWebSocket,
  ): new (options: ServerOptions) => GuardedWebSocketServer {
    const sessionOf = (request: IncomingMessage): Session => this.sessionOf(request);
    return class extends GuardedWebSocketServer {
      constructor(options: ServerOptions) {
        super(options, webSocketClass, sessionOf);
      }
    };
  }

  guard({ engine }: SignalingServer): void {
    engine.use((request: SessionRequest, response: ServerResponse, next: Next) => {
      const connection = clientsOf(engine)[request._query.sid ?? ''];
      if (connection !== undefined) this.admitRequest(connection, request, next);
      else next();
      if (request.upgrade === true) letGoOfResponse(response);
    });
    // What Engine.IO refuses it answers, and whoever goes on has to connect anew for each answer.
    engine.on('connection_error', ({ req, code }: ConnectionError) => {
      if (code === UNKNOWN_SESSION) this.journal.strayed();
      if (req.res?.headersSent === false) req.res.setHeader('Connection', 'close');
    });
    engine.on('connection', (connection: PeerConnection) => {
      const session = this.sessionOf(connection.request);
      this.byConnection.set(connection, session);
      // Engine.IO has put the proxy's there.
      Object.assign(connection, { remoteAddress: this.addresses.of(connection.request) });
      connection.on('close', this.onClose);
      takePayloadsInTurns(connection, session);
      this.connectionLimits.count(connection);
    });
  }

  joined(peer: PeerSocket): void {
    this.byConnection.get(peer.conn)?.joined(peer);
  }

  closed(connection: PeerConnection): void {
    const spent = this.byConnection.get(connection)?.budget.secondsSpent() ?? 0;
    this.addressBudgets.owe(connection.remoteAddress, spent);
  }

  /** A poll is free: there is one at a time, and what it waits for was paid by whoever sent it. */
  private admitRequest(connection: PeerConnection, request: SessionRequest, next: Next): void {
    const { upgrading, upgraded } = connection as unknown as Upgradable;
    const session = this.byConnection.get(connection);
    const isPoll = request.method === 'GET' && request.upgrade !== true;
    if (session === undefined || (!isPoll && !session.charge(FRAMES_PER_REQUEST))) {
      connection.close(true);
      next(new Error('too many requests'));
    } else if (request.upgrade === true && (upgrading || upgraded)) {
      next(new Error('this session has a WebSocket'));
    } else {
      this.byRequest.set(request, session);
      next();
    }
  }

  private sessionOf(request: IncomingMessage): Session {
    const known = this.byRequest.get(request);
    if (known !== undefined) return known;
    const budget = new FrameBudget(this.settings.RATE_LIMITS, this.journal);
    const session = new Session(budget, this.refusals);
    this.byRequest.set(request, session);
    return session;
  }
}

/** The same for all connections, each of which is its `this`. */
function closeListener(intake: Intake): (this: PeerConnection) => void {
  return function () {
    intake.closed(this);
  };
}

function clientsOf(engine: SignalingServer['engine']): Record<string, PeerConnection | undefined> {
  return (engine as unknown as { clients: Record<string, PeerConnection | undefined> }).clients;
}
