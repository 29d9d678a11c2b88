import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ServerOptions } from 'ws';
import { Settings } from '../config/settings.js';
import { AckRequest } from '../delivery/ack-request.js';
import type { Charge } from '../delivery/charge.js';
import { GuardedWebSocketServer } from '../delivery/connection-guard.js';
import type { PeerConnection, PeerSocket, SignalingServer } from '../delivery/peer-socket.js';
import { takePayloadsInTurns } from '../delivery/polling-payloads.js';
import { MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { AddressBudgets } from '../rate-limit/address-budgets.js';
import { FRAMES_PER_REQUEST } from '../rate-limit/budgets.js';
import { ClientAddress } from '../rate-limit/client-address.js';
import { ConnectionLimits } from '../rate-limit/connection-limits.js';
import { FrameBudget } from '../rate-limit/frame-budget.js';
import { Journal } from './journal.js';
import { Refusals } from './refusals.js';

/** What the middlewares of Engine.IO get: the request of a session, or of one to be. */
type SessionRequest = IncomingMessage & {
  readonly _query: Readonly<Record<string, string | undefined>>;
  /** Node's mark of a request for a WebSocket. */
  readonly upgrade?: boolean;
};
type Next = (problem?: Error) => void;

/** Engine.IO's names for a session that has a WebSocket, or is getting one. */
interface Upgradable {
  readonly upgrading: boolean;
  readonly upgraded: boolean;
}

/** An event that asks for an acknowledgement or does not, as far as it is kept. */
const START_OF_EVENT = /^42(?<id>\d*)\["(?<event>[^"\\]+)"/;

/**
 * Charges connections for what they send before it comes to be an event: requests, frames, control
 * frames and packets of every kind. Who sends more of it than any client needs to is cut off.
 */
@Injectable()
export class Intake {
  /** By the request that a session began with, or that is to bring it a WebSocket. */
  private readonly frameBudgets = new WeakMap<IncomingMessage, FrameBudget>();
  private readonly peers = new WeakMap<PeerConnection, PeerSocket>();

  constructor(
    private readonly settings: Settings,
    private readonly addresses: ClientAddress,
    private readonly addressBudgets: AddressBudgets,
    private readonly connectionLimits: ConnectionLimits,
    private readonly refusals: Refusals,
    private readonly journal: Journal,
  ) {}

  /** For Engine.IO's `wsEngine`. */
  webSocketServer(): new (options: ServerOptions) => GuardedWebSocketServer {
    const chargeFor = (request: IncomingMessage): Charge => this.budgetFor(request).charge;
    return class extends GuardedWebSocketServer {
      constructor(options: ServerOptions) {
        super(options, chargeFor);
      }
    };
  }

  guard({ engine }: SignalingServer): void {
    engine.use((request: SessionRequest, _: ServerResponse, next: Next) => {
      const connection = clientsOf(engine)[request._query.sid ?? ''];
      if (connection !== undefined) this.admitRequest(connection, request, next);
      else next();
    });
    // What Engine.IO refuses it answers, and whoever goes on has to connect anew for each answer.
    engine.on('connection_error', ({ req }: { req: { res?: ServerResponse } }) => {
      if (req.res?.headersSent === false) req.res.setHeader('Connection', 'close');
    });
    engine.on('connection', (connection: PeerConnection) => {
      const budget = this.budgetFor(connection.request);
      const address = this.addresses.of(connection.request);
      connection.once('close', () => this.addressBudgets.owe(address, budget.secondsSpent()));
      takePayloadsInTurns(connection, budget.charge, (start) => {
        const peer = this.peers.get(connection);
        if (peer === undefined) connection.close(true);
        else this.refuseTooLarge(peer, start);
      });
      this.connectionLimits.count(connection);
    });
  }

  joined(peer: PeerSocket): void {
    this.peers.set(peer.conn, peer);
  }

  refuseTooLarge({ id }: PeerSocket, start: string): void {
    const { id: ackId = '', event } = START_OF_EVENT.exec(start)?.groups ?? {};
    const request = ackId === '' ? undefined : new AckRequest(Number(ackId));
    const error = new SignalingError(
      'payload_too_large',
      `a message has at most ${MESSAGE_MAX_BYTES / 1024} KiB`,
    );
    this.refusals.refuse(id, event, request, error);
  }

  /** A poll is free: there is one at a time, and what it waits for was paid by whoever sent it. */
  private admitRequest(connection: PeerConnection, request: SessionRequest, next: Next): void {
    const { upgrading, upgraded } = connection as unknown as Upgradable;
    const budget = this.budgetFor(connection.request);
    const isPoll = request.method === 'GET' && request.upgrade !== true;
    if (!isPoll && !budget.charge(FRAMES_PER_REQUEST)) {
      connection.close(true);
      next(new Error('too many requests'));
    } else if (request.upgrade === true && (upgrading || upgraded)) {
      next(new Error('this session has a WebSocket'));
    } else {
      this.frameBudgets.set(request, budget);
      next();
    }
  }

  private budgetFor(request: IncomingMessage): FrameBudget {
    const known = this.frameBudgets.get(request);
    if (known !== undefined) return known;
    const budget = new FrameBudget(this.settings.RATE_LIMITS, () => this.journal.cutOff());
    this.frameBudgets.set(request, budget);
    return budget;
  }
}

function clientsOf(engine: SignalingServer['engine']): Record<string, PeerConnection | undefined> {
  return (engine as unknown as { clients: Record<string, PeerConnection | undefined> }).clients;
}
