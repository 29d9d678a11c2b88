import { randomBytes } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import { eventually } from '../eventually.js';
import { frame, OPCODE, textFrames } from './frames.js';

/** Long enough for a machine that does much else beside. */
const PATIENCE_MS = 10_000;

/**
 * A TCP connection that can be told to say anything: bytes, half a request, or WebSocket frames, as
 * many as wanted in one segment. It answers nothing by itself but the closing of the WebSocket.
 */
export class RawSocket {
  /** The text frames that the server sent. */
  readonly heard: string[] = [];
  /** Every byte, before any WebSocket handshake. */
  plain = '';
  closed = false;
  /** How many of its pings were answered. */
  pongs = 0;
  /** The code with which the server closed the WebSocket. */
  closeCode: number | undefined;
  private readonly socket: Socket;
  private framed = false;
  /** Ends that. */
  private readsSlowly: (() => void) | undefined;
  private unread = Buffer.alloc(0);

  private constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    this.socket.on('error', () => undefined); // a reset is one way to be closed
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('data', (bytes: Buffer) => this.onBytes(bytes));
  }

  /** TCP and nothing else. */
  static async tcp(url: string): Promise<RawSocket> {
    const raw = new RawSocket(url);
    await new Promise((resolve) => raw.socket.once('connect', resolve));
    return raw;
  }

  /** Up to and with the Engine.IO handshake over WebSocket. */
  static async open(
    url: string,
    path = '/socket.io/?EIO=4&transport=websocket',
  ): Promise<RawSocket> {
    const raw = await RawSocket.upgrade(url, path);
    await raw.hears('0{');
    return raw;
  }

  /** A WebSocket, and no more. */
  static async upgrade(url: string, path: string): Promise<RawSocket> {
    const raw = await RawSocket.tcp(url);
    raw.askForWebSocket(path);
    await eventually(() => {
      if (!raw.framed) throw new Error('there is no WebSocket yet');
    });
    return raw;
  }

  /** With the Socket.IO handshake; resolves with the client and its socket id. */
  static async connect(url: string): Promise<{ raw: RawSocket; id: string }> {
    const raw = await RawSocket.open(url);
    raw.say('40');
    const hello = await raw.hears('40{');
    const { sid } = JSON.parse(hello.slice(2)) as { sid: string };
    return { raw, id: sid };
  }

  askForWebSocket(path: string): void {
    this.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
  }

  write(bytes: string | Buffer): void {
    if (!this.closed) this.socket.write(bytes);
  }

  /** Text frames, all in one write. */
  say(...packets: string[]): void {
    this.write(textFrames(packets));
  }

  sayBinary(bytes: Buffer): void {
    this.write(frame(OPCODE.binary, bytes));
  }

  /** Writes, and waits until it has left this process, or cannot any more. */
  async pushes(bytes: string | Buffer): Promise<void> {
    if (this.closed) return;
    const left = await new Promise<boolean>((resolve) =>
      this.socket.write(bytes, (error) => resolve(error == null)),
    );
    if (!left) await this.isClosed();
  }

  /** Stops reading, so that what the server sends waits on its side. */
  stopReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.readsSlowly?.();
    this.socket.resume();
  }

  /** About so much in every step: what comes in one piece is read as one. */
  readAtMost(bytes: number, stepMs: number): void {
    let left = bytes;
    const count = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left <= 0) this.socket.pause();
    };
    const step = setInterval(() => {
      left = Math.min(bytes, left + bytes);
      if (left > 0) this.socket.resume();
    }, stepMs);
    this.readsSlowly = () => {
      clearInterval(step);
      this.socket.off('data', count);
    };
    this.socket.on('data', count);
    this.socket.once('close', this.readsSlowly);
  }

  /** The first frame that starts so. */
  async hears(start: string): Promise<string> {
    let found: string | undefined;
    await eventually(() => {
      found = this.heard.find((text) => text.startsWith(start));
      if (found === undefined) throw new Error(`no ${start}; heard ${this.heard.join(' ')}`);
    }, PATIENCE_MS);
    return found ?? '';
  }

  async isClosed(withinMs = PATIENCE_MS): Promise<void> {
    await eventually(() => {
      if (!this.closed) throw new Error('still open');
    }, withinMs);
  }

  /** As a process that dies with something unread. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Goes without a word. */
  async close(): Promise<void> {
    this.socket.destroy();
    await this.isClosed();
  }

  private onBytes(bytes: Buffer): void {
    this.unread = Buffer.concat([this.unread, bytes]);
    if (!this.framed) {
      const head = this.unread.indexOf('\r\n\r\n');
      this.plain = this.unread.toString();
      if (head < 0 || !this.plain.startsWith('HTTP/1.1 101')) return;
      this.framed = true;
      this.unread = this.unread.subarray(head + 4);
    }
    while (this.takeFrame());
  }

  /** Takes one whole frame off what came; the frames of a server are not masked. */
  private takeFrame(): boolean {
    if (this.unread.length < 2) return false;
    const short = this.unread.readUInt8(1) & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.unread.length < head) return false;
    const length =
      short === 127
        ? Number(this.unread.readBigUInt64BE(2))
        : short === 126
          ? this.unread.readUInt16BE(2)
          : short;
    if (this.unread.length < head + length) return false;
    const opcode = this.unread.readUInt8(0) & 0x0f;
    const payload = this.unread.subarray(head, head + length);
    this.unread = this.unread.subarray(head + length);
    if (opcode === OPCODE.text) this.heard.push(payload.toString());
    if (opcode === OPCODE.pong) this.pongs += 1;
    if (opcode === OPCODE.close) {
      this.closeCode = payload.length < 2 ? undefined : payload.readUInt16BE(0);
      this.socket.end(frame(OPCODE.close, payload));
    }
    return true;
  }
}
