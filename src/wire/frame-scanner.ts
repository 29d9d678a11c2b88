import { MESSAGE_CUT_BYTES, MESSAGE_MAX_BYTES } from '../protocol/limits.js';

const FINAL = 0x80;
const MASKED = 0x80;
const OPCODE = 0x0f;
const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const NOTHING: Buffer = Buffer.alloc(0);
/** Of a message that is refused: enough for the name of its event and its acknowledgement. */
const START_BYTES = 64;

interface Header {
  readonly final: boolean;
  readonly opcode: number;
  readonly bytes: number;
  /** Where the masking key stands; the payload begins four bytes later, if there is one. */
  readonly keyAt: number;
  readonly payloadAt: number;
}

export interface Scanned {
  /** What ws is to read. */
  readonly kept: Buffer;
  /** How many have begun. */
  readonly frames: number;
}

export interface FrameListener {
  /** Hears how a message began of which nothing else is kept. */
  onTooLarge(start: string): void;
}

/** A message of which nothing is kept but how it starts. */
interface Refused {
  start: string;
  bytes: number;
  final: boolean;
  /** Of its first frame; the others have keys of their own. */
  readonly key: Buffer;
}

/**
 * Follows the frames of a WebSocket through the bytes that come in, so that each can be charged, and
 * takes out the messages that are too large before ws would keep them or end the connection.
 */
export class FrameScanner {
  /** Of the frame under way. */
  private bytesLeft = 0;
  private skipping = false;
  private headerSoFar = NOTHING;
  private refused: Refused | undefined;

  constructor(private readonly listener: FrameListener) {}

  /** Whether the next byte is the first of a frame. */
  get isBetweenFrames(): boolean {
    return this.bytesLeft === 0 && this.headerSoFar.length === 0 && this.refused === undefined;
  }

  scan(bytes: Buffer): Scanned {
    const chunk = this.headerSoFar.length === 0 ? bytes : Buffer.concat([this.headerSoFar, bytes]);
    this.headerSoFar = NOTHING;
    const kept: Buffer[] = [];
    let frames = 0;
    let at = 0;
    let keptFrom = 0;
    while (at < chunk.length) {
      if (this.bytesLeft === 0) {
        const header = headerAt(chunk, at);
        if (header === undefined) {
          kept.push(chunk.subarray(keptFrom, at));
          this.headerSoFar = chunk.subarray(at);
          return { kept: joined(kept), frames };
        }
        this.begin(chunk, header);
        frames += 1;
        if (this.skipping) kept.push(chunk.subarray(keptFrom, at));
        at = header.payloadAt;
      }
      const end = at + Math.min(this.bytesLeft, chunk.length - at);
      if (this.skipping) {
        this.skip(chunk.subarray(at, end));
        keptFrom = end;
      }
      this.bytesLeft -= end - at;
      at = end;
      if (this.bytesLeft === 0) this.end();
    }
    kept.push(chunk.subarray(keptFrom));
    return { kept: joined(kept), frames };
  }

  private begin(chunk: Buffer, { final, opcode, bytes, keyAt, payloadAt }: Header): void {
    this.bytesLeft = bytes;
    if (opcode === TEXT && bytes > MESSAGE_MAX_BYTES && bytes <= MESSAGE_CUT_BYTES) {
      this.refused = {
        start: '',
        bytes,
        final,
        key: Buffer.from(chunk.subarray(keyAt, payloadAt)),
      };
      this.skipping = true;
    } else if (this.refused !== undefined && opcode === CONTINUATION) {
      this.refused.bytes += bytes;
      this.refused.final = final;
      // ws ends a connection on the rest of a message that it has not seen the beginning of.
      this.skipping = this.refused.bytes <= MESSAGE_CUT_BYTES;
    } else {
      this.skipping = false;
      // A message within another is for ws to judge, and what follows as well.
      if (opcode === TEXT || opcode === BINARY) this.refused = undefined;
    }
  }

  private skip(payload: Buffer): void {
    const { refused } = this;
    if (refused === undefined) return;
    const { key, start } = refused;
    for (let i = 0; i < payload.length && start.length + i < START_BYTES; i += 1) {
      refused.start += String.fromCharCode(
        (payload[i] ?? 0) ^ (key[(start.length + i) % key.length] ?? 0),
      );
    }
  }

  private end(): void {
    if (!this.skipping || this.refused?.final !== true) return;
    const { start } = this.refused;
    this.refused = undefined;
    this.skipping = false;
    this.listener.onTooLarge(start);
  }
}

/** Undefined while some of it has not come. */
function headerAt(chunk: Buffer, at: number): Header | undefined {
  if (chunk.length - at < 2) return undefined;
  const [first, second] = [chunk.readUInt8(at), chunk.readUInt8(at + 1)];
  const short = second & ~MASKED;
  const keyAt = at + (short === 126 ? 4 : short === 127 ? 10 : 2);
  const payloadAt = keyAt + (second >= MASKED ? 4 : 0);
  if (chunk.length < payloadAt) return undefined;
  const bytes =
    short === 126
      ? chunk.readUInt16BE(at + 2)
      : short === 127
        ? Number(chunk.readBigUInt64BE(at + 2))
        : short;
  return { final: first >= FINAL, opcode: first & OPCODE, bytes, keyAt, payloadAt };
}

function joined(parts: Buffer[]): Buffer {
  const some = parts.filter(({ length }) => length > 0);
  return some.length === 1 && some[0] ? some[0] : Buffer.concat(some);
}
