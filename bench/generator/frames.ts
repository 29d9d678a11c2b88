import { randomBytes } from 'node:crypto';

const FINAL_TEXT = 0x81;
const FINAL_CLOSE = 0x88;
const MASKED = 0x80;

const NOTHING = Buffer.alloc(0);

/** Of a longer text only the beginning is kept: who counts the bytes of a list need not hold it. */
const KEPT_BYTES = 16 * 1024;

/** The text of a frame, where it was read; gone once its receiver has returned. */
export class Payload {
  constructor(
    private readonly bytes: Buffer,
    private readonly start: number,
    /** Of the whole text, also where only its beginning is kept. */
    readonly length: number,
  ) {}

  text(): string {
    const end = this.start + Math.min(this.length, KEPT_BYTES);
    return this.bytes.toString('utf8', this.start, end);
  }

  /** The byte at a place. */
  at(place: number): number {
    return this.bytes.readUInt8(this.start + place);
  }

  /** What stands from a place up to the next quotation mark. */
  word(place: number): string {
    const from = this.start + place;
    return this.bytes.toString('latin1', from, this.bytes.indexOf(0x22, from));
  }
}

/** A client's text frame, masked as every browser's is: unmasking is part of a server's work. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  payload.forEach((byte, index) => (payload[index] = byte ^ mask.readUInt8(index % 4)));
  return Buffer.concat([lengthHead(payload.length), mask, payload]);
}

function lengthHead(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, MASKED | length]);
  if (length > 0xffff) throw new Error('no client here sends that much');
  return Buffer.from([FINAL_TEXT, MASKED | 126, length >> 8, length & 0xff]);
}

/** Takes apart what a server sends: whole unmasked text frames, in pieces of any size. */
export class FrameReader {
  private rest = NOTHING;
  private toSkip = 0;

  constructor(
    private readonly onText: (payload: Payload) => void,
    private readonly onEnd: (reason: string) => void,
  ) {}

  read(bytes: Buffer, start: number, end: number): void {
    const skipped = Math.min(this.toSkip, end - start);
    this.toSkip -= skipped;
    start += skipped;
    if (this.rest.length > 0) {
      bytes = Buffer.concat([this.rest, bytes.subarray(start, end)]);
      start = 0;
      end = bytes.length;
    }
    while (start < end) {
      const next = this.frame(bytes, start, end);
      if (next === start) break;
      start = next;
    }
    this.rest = start < end ? Buffer.from(bytes.subarray(start, end)) : NOTHING;
  }

  /** @returns where the next frame begins; the same place while this one is not there yet */
  private frame(bytes: Buffer, at: number, end: number): number {
    if (end - at < 2) return at;
    const short = bytes.readUInt8(at + 1);
    const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
    const start = at + headBytes;
    if (end < start) return at;
    const length =
      short === 127
        ? Number(bytes.readBigUInt64BE(at + 2))
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : short;
    if (end < start + Math.min(length, KEPT_BYTES)) return at;
    const head = bytes.readUInt8(at);
    if (head === FINAL_TEXT) this.onText(new Payload(bytes, start, length));
    else if (head === FINAL_CLOSE) this.onEnd('the server closed the WebSocket');
    else this.onEnd(`the server sent a frame that begins with ${head}`);
    const next = start + length;
    if (next <= end) return next;
    this.toSkip = next - end;
    return end;
  }
}
