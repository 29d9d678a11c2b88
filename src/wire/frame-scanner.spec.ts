import fc from 'fast-check';
import { frame as maskedFrame } from '../../test/support/raw/frames.js';
import { MESSAGE_CUT_BYTES, MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { FrameScanner } from './frame-scanner.js';

const OPCODES = { continuation: 0, text: 1, binary: 2, ping: 9 } as const;
const KEY = Buffer.from([1, 2, 3, 4]);

const frame = (opcode: number, payload: Buffer, final = true) =>
  maskedFrame(opcode, payload, final, KEY);

/** What is left of the bytes when they come in pieces, and how the messages began that were taken out. */
function scanned(
  bytes: Buffer,
  pieceBytes: number,
): { kept: Buffer; starts: string[]; frames: number } {
  const starts: string[] = [];
  const scanner = new FrameScanner({ onTooLarge: (start) => starts.push(start) });
  const kept: Buffer[] = [];
  let frames = 0;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const scanned = scanner.scan(bytes.subarray(at, at + pieceBytes));
    kept.push(Buffer.from(scanned.kept));
    frames += scanned.frames;
  }
  return { kept: Buffer.concat(kept), starts, frames };
}

const small = (text: string, final = true) => frame(OPCODES.text, Buffer.from(text), final);
const large = (bytes: number, final = true, opcode: number = OPCODES.text) =>
  frame(opcode, Buffer.from('421["offer",'.padEnd(bytes, 'x')), final);

describe('FrameScanner', () => {
  it('leaves what is small as it is, in whatever pieces it comes', () => {
    const frames = fc.array(
      fc.tuple(
        fc.constantFrom(...Object.values(OPCODES)),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 700 }), (list, pieceBytes) => {
        const bytes = Buffer.concat(
          list.map(([opcode, payload, final]) => frame(opcode, Buffer.from(payload), final)),
        );
        const { kept, starts, frames: count } = scanned(bytes, pieceBytes);
        expect(kept.equals(bytes)).toBe(true);
        expect([starts, count]).toEqual([[], list.length]);
      }),
    );
  });

  it.each([1, 7, 1_000, 65_536, 1_000_000])(
    'takes out a message that is too large, in pieces of %i',
    (pieceBytes) => {
      const bytes = Buffer.concat([small('a'), large(MESSAGE_MAX_BYTES + 1), small('b')]);
      const { kept, starts, frames } = scanned(bytes, pieceBytes);
      expect(kept.equals(Buffer.concat([small('a'), small('b')]))).toBe(true);
      expect(starts).toEqual(['421["offer",'.padEnd(64, 'x')]);
      expect(frames).toBe(3);
    },
  );

  it.each([1_000, 65_536])(
    'takes out one that comes in frames, but not the ping between, in pieces of %i',
    (pieceBytes) => {
      const ping = frame(OPCODES.ping, Buffer.from('?'));
      const bytes = Buffer.concat([
        large(MESSAGE_MAX_BYTES + 1, false),
        ping,
        large(200_000, false, OPCODES.continuation),
        large(10, true, OPCODES.continuation),
        small('b'),
      ]);
      const { kept, starts } = scanned(bytes, pieceBytes);
      expect(kept.equals(Buffer.concat([ping, small('b')]))).toBe(true);
      expect(starts).toHaveLength(1);
    },
  );

  it('keeps one of the largest size', () => {
    const bytes = large(MESSAGE_MAX_BYTES);
    expect(scanned(bytes, 65_536)).toMatchObject({ starts: [], frames: 1 });
    expect(scanned(bytes, 65_536).kept.equals(bytes)).toBe(true);
  });

  it('leaves one that is far too large to ws, which ends the connection', () => {
    const bytes = large(MESSAGE_CUT_BYTES + 1);
    expect(scanned(bytes, 65_536).kept.equals(bytes)).toBe(true);
    const inFrames = Buffer.concat([
      large(MESSAGE_CUT_BYTES, false),
      large(1, true, OPCODES.continuation),
    ]);
    const { kept, starts } = scanned(inFrames, 65_536);
    expect(starts).toEqual([]);
    expect(kept.equals(large(1, true, OPCODES.continuation))).toBe(true);
  });

  it('knows when it is between frames', () => {
    const scanner = new FrameScanner({ onTooLarge: () => undefined });
    const bytes = small('a');
    for (let at = 0; at < bytes.length; at += 1) {
      expect(scanner.isBetweenFrames).toBe(at === 0);
      scanner.scan(bytes.subarray(at, at + 1));
    }
    expect(scanner.isBetweenFrames).toBe(true);
  });
});
