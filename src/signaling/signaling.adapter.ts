import { Injectable } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { Server, type ServerOptions } from 'socket.io';
import { Encoder } from 'socket.io-parser';
import { Settings } from '../config/settings.js';
import { AckRequest } from '../delivery/ack-request.js';
import { Backlogs } from '../delivery/backlogs.js';
import { EncodedReply, type Reply } from '../delivery/encoded-reply.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import type {
  EventHandler,
  PeerConnection,
  PeerSocket,
  SignalingServer,
} from '../delivery/peer-socket.js';
import { FastPath } from '../fast-path/fast-path.js';
import { HttpServer } from '../http/http-server.js';
import { HANDSHAKE_TIMEOUT_MS, MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { RateLimiter } from '../rate-limit/rate-limiter.js';
import { PacketDecoder } from '../wire/packet-decoder.js';
import { RoomlessAdapter } from '../wire/roomless-adapter.js';
import { Admission } from './admission.js';
import { Intake } from './intake.js';
import { Journal, type Outcome } from './journal.js';
import { PayloadPipe } from './payload.pipe.js';
import { Refusals } from './refusals.js';
import { type ReadRequest, RequestScreen } from './request-screen.js';
import { SignalingGateway } from './signaling.gateway.js';

/** How the Socket.IO server is set up, and how the messages of a connection reach the gateway. */
@Injectable()
export class SignalingAdapter extends IoAdapter {
  /** Of the gateway's handlers, the ones that are the same for all connections. */
  private direct: ReadonlyMap<string, EventHandler> = new Map();
  private readonly onEvent = eventListener(this);

  constructor(
    private readonly settings: Settings,
    private readonly http: HttpServer,
    private readonly screen: RequestScreen,
    private readonly admission: Admission,
    private readonly intake: Intake,
    private readonly limiter: RateLimiter,
    private readonly backlogs: Backlogs,
    private readonly messenger: PeerMessenger,
    private readonly refusals: Refusals,
    private readonly journal: Journal,
    private readonly gateway: SignalingGateway,
    private readonly fastPath: FastPath,
  ) {
    super();
  }

  override createIOServer(_port: number, options?: Partial<ServerOptions>): SignalingServer {
    const { settings, admission, intake } = this;
    this.direct = this.fastPath.handlersOf(this.gateway, PayloadPipe);
    const server: SignalingServer = new Server(this.http.server, {
      ...options,
      cors: settings.cors,
      pingInterval: settings.PING_INTERVAL_MS,
      pingTimeout: settings.PING_TIMEOUT_MS,
      connectTimeout: HANDSHAKE_TIMEOUT_MS,
      maxHttpBufferSize: MESSAGE_MAX_BYTES,
      // Nothing that is packed for one client alone: the script of the client is served elsewhere.
      serveClient: false,
      httpCompression: false,
      wsEngine: intake.webSocketServer(this.fastPath.webSocketClass),
      parser: { Encoder, Decoder: PacketDecoder },
      adapter: RoomlessAdapter,
      allowRequest: (request, decide) => admission.allowRequest(request, decide),
    });
    server.engine.use((request: ReadRequest, _response: unknown, next: () => void) => {
      this.screen.admit(request, next);
    });
    server.engine.on('connection', (connection: PeerConnection) => {
      this.screen.follow(connection);
      this.backlogs.follow(connection);
    });
    intake.guard(server);
    this.messenger.serve(server);
    return server.use((socket, next) => admission.admit(socket, next));
  }

  /** Who was to be let go of gently has been, by the drain. */
  override close(): Promise<void> {
    this.http.close();
    return Promise.resolve();
  }

  /**
   * Every message at once, so that those of a connection are handled in the order sent; its first
   * argument as the payload; and an answer for every event. Nest's own way would handle the messages
   * of a connection side by side, take surplus arguments for an array, and leave unknown events
   * unanswered. Only a handler that returns a promise is overtaken by what comes after.
   */
  override bindMessageHandlers(peer: PeerSocket, mappings: MessageMappingProperties[]): void {
    if (mappings.length === 0) return; // a gateway that only sends
    peer.data.handlers = this.handlersOf(mappings);
    peer.onAny(this.onEvent);
    this.fastPath.open(peer, this);
    this.intake.joined(peer);
  }

  /** For the fast path: false for what is Socket.IO's to judge. */
  take(
    peer: PeerSocket,
    event: unknown,
    payload: unknown,
    request: AckRequest | undefined,
  ): boolean {
    if (peer.data.handlers?.has(event) !== true || decoderOf(peer).awaitsAttachment) return false;
    if (!peer.connected || peer.conn.readyState !== 'open') return false;
    this.handle(peer, event, payload, request);
    return true;
  }

  handle(
    peer: PeerSocket,
    event: unknown,
    payload: unknown,
    request: AckRequest | undefined,
  ): void {
    if (!peer.connected) return; // it left meanwhile, and handling this would bring it back
    const startedMs = performance.now();
    const handler = peer.data.handlers?.get(event);
    const known = handler && String(event);
    let outcome: Outcome;
    try {
      this.limiter.spend(peer.id, event, payload);
      if (handler === undefined) throw new SignalingError('unknown_event');
      const reply = handler(peer, payload, request);
      if (reply instanceof Promise) {
        void reply
          .then((later) => this.answer(peer, request, later))
          .catch((error: unknown) => this.refuse(peer, event, request, error))
          .then((later) => this.journal.handled(peer.id, known, later, startedMs));
        return;
      }
      outcome = this.answer(peer, request, reply);
    } catch (error) {
      outcome = this.refuse(peer, event, request, error);
    }
    this.journal.handled(peer.id, known, outcome, startedMs);
  }

  /** With those of Nest, which it makes for each connection. */
  private handlersOf(mappings: MessageMappingProperties[]): ReadonlyMap<unknown, EventHandler> {
    const { direct } = this;
    const others = mappings.filter(({ message }) => !direct.has(message as string));
    if (others.length === 0) return direct;
    return new Map<unknown, EventHandler>([
      ...direct,
      ...others.map(({ message, callback }): [unknown, EventHandler] => [
        message,
        (_, payload, request) => callback(payload, request),
      ]),
    ]);
  }

  private answer(peer: PeerSocket, request: AckRequest | undefined, reply: unknown): Outcome {
    if (reply === undefined) return 'refused'; // and answered, by the gateway's filter
    if (request !== undefined)
      this.messenger.acknowledge(peer.id, request, reply as Reply | EncodedReply);
    else if (reply instanceof EncodedReply) reply.onSent?.(); // there is nothing left to send
    return 'ok';
  }

  private refuse(
    peer: PeerSocket,
    event: unknown,
    request: AckRequest | undefined,
    error: unknown,
  ): Outcome {
    this.refusals.refuse(peer.id, event, request, error);
    return 'refused';
  }
}

/** Socket.IO has no public name for it. */
function decoderOf({ client }: PeerSocket): PacketDecoder {
  return (client as unknown as { decoder: PacketDecoder }).decoder;
}

/** The same for all peers, each of which is its `this`. */
function eventListener(adapter: SignalingAdapter): (this: PeerSocket, ...args: unknown[]) => void {
  return function (...args) {
    const request = args.at(-1) instanceof AckRequest ? (args.pop() as AckRequest) : undefined;
    const [event, payload] = args;
    adapter.handle(this, event, payload, request);
  };
}
