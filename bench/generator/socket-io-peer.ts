import { type Payload, textFrame } from './frames.js';
import { Peer, type Target } from './peer.js';

const PONG = textFrame('3');

const ENGINE = { open: 0x30, ping: 0x32, message: 0x34 } as const;
const SOCKET = { connect: 0x30, event: 0x32, ack: 0x33 } as const;
/** The name of an event stands behind `42["`. */
const NAME_AT = 4;

/** Engine.IO 4 over WebSocket, and Socket.IO 5 on top. */
export class SocketIoPeer extends Peer {
  constructor(
    target: Target,
    private readonly auth?: object,
  ) {
    super(target, '/socket.io/?EIO=4&transport=websocket');
  }

  /** Any event, without an acknowledgement. */
  static event(name: string, ...args: unknown[]): Buffer {
    return textFrame(`42${JSON.stringify([name, ...args])}`);
  }

  /** Its answer is heard as `acknowledgement`; which of several it is does not show. */
  static eventWithAck(name: string, ...args: unknown[]): Buffer {
    return textFrame(`420${JSON.stringify([name, ...args])}`);
  }

  override encode(event: string, to: string, content?: object): Buffer {
    return SocketIoPeer.event(event, { to, ...content });
  }

  override contentOf(text: string): unknown {
    const [, relayed] = JSON.parse(text.slice(2)) as [string, Record<string, unknown>];
    return 'sdp' in relayed ? { sdp: relayed.sdp } : { candidate: relayed.candidate };
  }

  /** Accepted where the server knows of calls, which it shows by giving them an id. */
  override async ring(callee: SocketIoPeer): Promise<void> {
    const rung = callee.next('call');
    this.send(this.encode('call', callee.id));
    callee.accept(await rung);
  }

  accept(callText: string): void {
    const [, { callId }] = JSON.parse(callText.slice(2)) as [string, { callId?: string }];
    if (callId !== undefined) this.send(SocketIoPeer.event('accept', { callId }));
  }

  protected override onText(payload: Payload): void {
    switch (payload.at(0)) {
      case ENGINE.message:
        return this.onPacket(payload);
      case ENGINE.ping:
        return this.send(PONG);
      case ENGINE.open:
        return this.send(textFrame(`40${this.auth ? JSON.stringify(this.auth) : ''}`));
      default:
        this.fail(`unexpected Engine.IO packet: ${payload.text()}`);
    }
  }

  private onPacket(payload: Payload): void {
    const type = payload.at(1);
    if (type === SOCKET.event) {
      const event = payload.word(NAME_AT);
      if (event === 'exception') this.fail(`the server refused: ${payload.text()}`);
      else this.heard(event, payload);
    } else if (type === SOCKET.ack) {
      this.heard('acknowledgement', payload);
    } else if (type === SOCKET.connect) {
      this.identified((JSON.parse(payload.text().slice(2)) as { sid: string }).sid);
    } else {
      this.fail(`unexpected Socket.IO packet: ${payload.text()}`);
    }
  }
}
