import type { Protocol } from '../protocol/events.js';

/** A final WebSocket frame of text. */
const TEXT = 0x81;
const LENGTH_OF_16_BITS = 126;
const LENGTH_OF_64_BITS = 127;
/** Engine.IO's MESSAGE. */
const MESSAGE = '4';

/** What ws writes in one go: the head of a frame and what is in it, or both in one. */
export type Frame = readonly [all: Buffer] | readonly [head: Buffer, body: Buffer];

/** What is no larger is quicker to write in one piece, and a copy more of it is no matter. */
const ONE_PIECE_MAX_BYTES = 4 * 1024;

/**
 * A large packet that many get: one text for all who poll, one Buffer for all WebSockets. A text
 * that is sent to a WebSocket would be copied for each, and the copy kept until it is read.
 */
export class SharedText {
  readonly bytes: Buffer;
  /** How many connections it waits for. */
  holders = 0;
  private frame: Frame | undefined;

  constructor(
    readonly text: string,
    /** What a client has to speak to be sent it. */
    readonly protocol: Protocol = 1,
  ) {
    this.bytes = Buffer.from(text);
  }

  /** What it takes of the memory, once for all: the text and its bytes. */
  get cost(): number {
    return 2 * this.bytes.length;
  }

  /** A frame of its own holds only `prefix`, what one connection gets in front of the text. */
  frameFor(prefix: string): Frame {
    if (prefix !== '') return [headOf(prefix, this.bytes.length), this.bytes];
    return (this.frame ??= frameOf(this.bytes));
  }
}

function frameOf(bytes: Buffer): Frame {
  const head = headOf('', bytes.length);
  return bytes.length <= ONE_PIECE_MAX_BYTES ? [Buffer.concat([head, bytes])] : [head, bytes];
}

function headOf(prefix: string, bodyBytes: number): Buffer {
  const start = Buffer.from(MESSAGE + prefix);
  const length = start.length + bodyBytes;
  if (length < LENGTH_OF_16_BITS) return Buffer.concat([Buffer.from([TEXT, length]), start]);
  const isShort = length <= 0xffff;
  const head = Buffer.alloc(isShort ? 4 : 10);
  head.writeUInt8(TEXT, 0);
  head.writeUInt8(isShort ? LENGTH_OF_16_BITS : LENGTH_OF_64_BITS, 1);
  if (isShort) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, start]);
}
