import { FrameReader, textFrame } from '../bench/generator/frames.js';

/** A server's frame: the same without the mask. */
function serverFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : payload.length < 65_536
        ? Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff])
        : Buffer.from([
            0x81,
            127,
            0,
            0,
            0,
            0,
            0,
            payload.length >> 16,
            payload.length >> 8,
            payload.length,
          ]);
  return Buffer.concat([head, payload]);
}

describe('the frames of the benchmark', () => {
  const texts = ['', 'short', 'é'.repeat(200), 'b'.repeat(20_000), 'c'.repeat(70_000), 'last'];
  const bytes = Buffer.concat(texts.map(serverFrame));

  it.each([1, 2, 7, 1_000, 16_384, bytes.length])(
    'are read whole and in order when they come %i bytes at a time',
    (size) => {
      const read: [start: string, length: number][] = [];
      const reader = new FrameReader(
        (payload) => read.push([payload.text().slice(0, 10), payload.length]),
        (reason) => {
          throw new Error(reason);
        },
      );
      for (let start = 0; start < bytes.length; start += size) {
        reader.read(bytes, start, Math.min(start + size, bytes.length));
      }
      expect(read).toEqual(texts.map((text) => [text.slice(0, 10), Buffer.byteLength(text)]));
    },
  );

  it('are masked when they are sent, and not with zeros, which servers need not undo', () => {
    const frame = textFrame('42["getOnlineUsers"]');
    expect(frame.readUInt8(1) & 0x80).toBe(0x80);
    expect(frame.subarray(2, 6)).not.toEqual(Buffer.alloc(4));
    expect(frame.toString()).not.toContain('getOnlineUsers');
  });
});
