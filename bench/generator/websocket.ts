import { randomBytes } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import { FrameReader, type Payload } from './frames.js';

export interface WebSocketOptions {
  readonly port: number;
  readonly path: string;
  /** Of this machine: so many connections need the ports of several addresses. */
  readonly localAddress: string;
}

export interface WebSocketEvents {
  text(payload: Payload): void;
  /** Unless this side closed it. */
  lost(reason: string): void;
}

/** One for all connections: what was read is taken apart before anybody else reads. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** A WebSocket on a bare TCP connection, with nothing between a frame and its system call. */
export class WebSocketClient {
  bytesReceived = 0;
  private readonly socket: Socket;
  private readonly reader: FrameReader;
  private response = '';
  private upgraded = false;
  private open = true;

  constructor(
    options: WebSocketOptions,
    private readonly events: WebSocketEvents,
  ) {
    const { port, path, localAddress } = options;
    this.reader = new FrameReader(
      (payload) => events.text(payload),
      (reason) => this.lose(reason),
    );
    this.socket = connect({
      host: '127.0.0.1',
      port,
      localAddress,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (length) => {
          this.bytesReceived += length;
          if (this.open) this.read(length);
          return true;
        },
      },
    });
    this.socket.on('error', (error) => this.lose(error.message));
    this.socket.on('close', () => this.lose('the server is gone'));
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
  }

  /** Frames, one or several. */
  send(frames: Buffer): void {
    this.socket.write(frames);
  }

  close(): void {
    this.open = false;
    this.socket.destroy();
  }

  private read(length: number): void {
    if (this.upgraded) return this.reader.read(READ_BUFFER, 0, length);
    this.response += READ_BUFFER.toString('latin1', 0, length);
    const end = this.response.indexOf('\r\n\r\n') + 4;
    if (end < 4) return;
    const [status = ''] = this.response.split('\r\n', 1);
    if (!status.startsWith('HTTP/1.1 101')) return this.lose(`the server answered ${status}`);
    this.upgraded = true;
    const early = Buffer.from(this.response.slice(end), 'latin1');
    this.reader.read(early, 0, early.length);
  }

  private lose(reason: string): void {
    if (!this.open) return;
    this.close();
    this.events.lost(reason);
  }
}
