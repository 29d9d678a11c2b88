import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import type { ServerOptions } from 'socket.io';
import { Encoder } from 'socket.io-parser';
import { Settings } from '../config/settings.js';
import { AckRequest } from '../delivery/ack-request.js';
import { guardConnection, GuardedWebSocketServer } from '../delivery/connection-guard.js';
import type { Reply } from '../delivery/encoded-reply.js';
import { PacketDecoder } from '../delivery/packet-decoder.js';
import { PeerMessenger } from '../delivery/peer-messenger.js';
import type { PeerConnection, PeerSocket, SignalingServer } from '../delivery/peer-socket.js';
import { HANDSHAKE_TIMEOUT_MS, MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { SignalingError } from '../protocol/signaling-error.js';
import { ConnectionLimits } from '../rate-limit/connection-limits.js';
import { RateLimiter } from '../rate-limit/rate-limiter.js';
import { Admission } from './admission.js';
import { Journal, type Outcome } from './journal.js';
import { Refusals } from './refusals.js';

/** How the Socket.IO server is set up, and how the messages of a connection reach the gateway. */
export class SignalingAdapter extends IoAdapter {
  private readonly settings: Settings;
  private readonly admission: Admission;
  private readonly connectionLimits: ConnectionLimits;
  private readonly limiter: RateLimiter;
  private readonly messenger: PeerMessenger;
  private readonly refusals: Refusals;
  private readonly journal: Journal;

  constructor(app: INestApplicationContext) {
    super(app);
    this.settings = app.get(Settings);
    this.admission = app.get(Admission);
    this.connectionLimits = app.get(ConnectionLimits);
    this.limiter = app.get(RateLimiter);
    this.messenger = app.get(PeerMessenger);
    this.refusals = app.get(Refusals);
    this.journal = app.get(Journal);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): SignalingServer {
    const { settings, admission } = this;
    const server = super.createIOServer(port, {
      ...options,
      cors: { origin: settings.corsOrigin },
      pingInterval: settings.PING_INTERVAL_MS,
      pingTimeout: settings.PING_TIMEOUT_MS,
      connectTimeout: HANDSHAKE_TIMEOUT_MS,
      maxHttpBufferSize: MESSAGE_MAX_BYTES,
      wsEngine: GuardedWebSocketServer,
      parser: { Encoder, Decoder: PacketDecoder },
      allowRequest: (request, decide) => admission.allowRequest(request, decide),
    } as ServerOptions) as SignalingServer;
    server.engine.on('connection', (connection: PeerConnection) => {
      guardConnection(connection);
      this.connectionLimits.count(connection);
    });
    return server.use((socket, next) => admission.admit(socket, next));
  }

  /**
   * One message of a connection at a time, in the order sent, its first argument as the payload, and
   * an answer for every event. Nest's own way would handle the messages of a connection side by
   * side, take surplus arguments for an array, and leave unknown events unanswered.
   */
  override bindMessageHandlers(peer: PeerSocket, handlers: MessageMappingProperties[]): void {
    if (handlers.length === 0) return; // a gateway that only sends
    const callbacks = new Map(handlers.map(({ message, callback }) => [message, callback]));
    let inbox = Promise.resolve();
    peer.onAny((...message: unknown[]) => {
      const request =
        message.at(-1) instanceof AckRequest ? (message.pop() as AckRequest) : undefined;
      const [event, payload] = message;
      inbox = inbox.then(async () => {
        if (!peer.connected) return; // it left meanwhile, and handling this would bring it back
        const startedMs = performance.now();
        const callback = callbacks.get(event);
        const outcome = await this.handle(peer.id, event, callback, payload, request);
        this.journal.handled(peer.id, callback && String(event), outcome, startedMs);
      });
    });
  }

  private async handle(
    connectionId: string,
    event: unknown,
    callback: MessageMappingProperties['callback'] | undefined,
    payload: unknown,
    request: AckRequest | undefined,
  ): Promise<Outcome> {
    try {
      this.limiter.spend(connectionId, event);
      if (callback === undefined) throw new SignalingError('unknown_event');
      const reply = (await callback(payload, request)) as Reply | undefined;
      if (reply === undefined) return 'refused'; // and answered, by the gateway's filter
      if (request !== undefined) this.messenger.acknowledge(connectionId, request, reply);
      return 'ok';
    } catch (error) {
      this.refusals.refuse(connectionId, event, request, error);
      return 'refused';
    }
  }
}
