import type { Payload } from './frames.js';
import { WebSocketClient } from './websocket.js';

/** A server under test, as its clients see it. */
export interface Target {
  readonly port: number;
  /** What ends the scenario: a refusal, a lost connection, a message that is not what was sent. */
  fail(error: Error): void;
}

export type Listener = (event: string, payload: Payload) => void;

/** All in 127.0.0.0/8, so that neither ports nor what a server allows one address run out. */
const ADDRESSES = 250;
let connections = 0;

/** A client. Its subclasses know the words of one protocol; the scenarios know only this. */
export abstract class Peer {
  id = '';
  listener: Listener = () => undefined;
  onLost: (reason: string) => void;
  readonly opened: Promise<void>;
  private readonly webSocket: WebSocketClient;
  private readonly awaited = new Map<string, (text: string) => void>();
  private open: () => void = () => undefined;

  constructor(
    private readonly target: Target,
    path: string,
  ) {
    this.opened = new Promise((resolve) => (this.open = resolve));
    this.onLost = (reason) => target.fail(new Error(`a connection was lost: ${reason}`));
    connections += 1;
    this.webSocket = new WebSocketClient(
      { port: target.port, path, localAddress: `127.0.0.${1 + (connections % ADDRESSES)}` },
      { text: (payload) => this.onText(payload), lost: (reason) => this.onLost(reason) },
    );
  }

  /** What was received, frames and handshake included. */
  get bytesReceived(): number {
    return this.webSocket.bytesReceived;
  }

  /** A message to another peer, encoded once and sent as often as wanted. */
  abstract encode(event: string, to: string, content?: object): Buffer;

  /** What another peer had sent, taken out of what the server made of it. */
  abstract contentOf(text: string): unknown;

  /** Brings the two into a call, as far as the protocol knows calls. */
  abstract ring(callee: Peer): Promise<void>;

  send(frames: Buffer): void {
    this.webSocket.send(frames);
  }

  /** The text of the next event of that name. */
  next(event: string): Promise<string> {
    return new Promise((resolve) => this.awaited.set(event, resolve));
  }

  close(): void {
    this.webSocket.close();
  }

  protected abstract onText(payload: Payload): void;

  fail(problem: string): void {
    this.target.fail(new Error(problem));
  }

  protected identified(id: string): void {
    this.id = id;
    this.open();
  }

  protected heard(event: string, payload: Payload): void {
    const resolve = this.awaited.get(event);
    if (resolve !== undefined) {
      this.awaited.delete(event);
      resolve(payload.text());
    }
    this.listener(event, payload);
  }
}
