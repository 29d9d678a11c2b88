import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { WebSocketServer } from 'ws';
import { frame as maskedFrame } from '../../test/support/raw/frames.js';
import { AckRequest } from '../delivery/ack-request.js';
import type { PeerSocket } from '../delivery/peer-socket.js';
import { MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { GuardedWebSocket } from '../wire/guarded-web-socket.js';
import { PacketDecoder } from '../wire/packet-decoder.js';
import { FastWebSocket } from './fast-web-socket.js';

const STREAMS = 10_000;
const OPCODES = { continuation: 0, text: 1, binary: 2, reserved: 3, close: 8, ping: 9, pong: 10 };

/** A connection of which nothing is written anywhere. */
class Line extends Duplex {
  readonly written: Buffer[] = [];

  override _read(): void {
    // what comes is pushed
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    done();
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }
}

const payer = { charge: () => true, refuseTooLarge: () => true };

const request = {
  method: 'GET',
  headers: {
    upgrade: 'websocket',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    'sec-websocket-version': '13',
  },
} as IncomingMessage;

const serverOf = (WebSocket: typeof GuardedWebSocket) =>
  new WebSocketServer({
    noServer: true,
    clientTracking: false,
    WebSocket,
    allowSynchronousEvents: false,
    autoPong: false,
  });
const servers = { fast: serverOf(FastWebSocket), stock: serverOf(GuardedWebSocket) };

/** As ws makes one once the handshake is over. */
function opened(way: keyof typeof servers, line: Line): Promise<GuardedWebSocket> {
  return new Promise((resolve) => {
    servers[way].handleUpgrade(request, line, Buffer.alloc(0), (webSocket) => {
      webSocket.on('error', () => undefined);
      webSocket.runsOver(line, payer);
      resolve(webSocket);
    });
  });
}

interface Heard {
  events: unknown[];
  end: unknown;
}

/** What comes of the pieces of a stream, by either way in. */
async function hears(pieces: Buffer[], way: keyof typeof servers): Promise<Heard> {
  const heard: Heard = { events: [], end: 'open' };
  const line = new Line();
  const decoder = new PacketDecoder();
  decoder.on('decoded', ({ data }) => {
    const [event, ...args] = data as unknown[];
    const request = args.at(-1) instanceof AckRequest ? args.pop() : undefined;
    heard.events.push([event, args[0], request]);
  });
  const webSocket = await opened(way, line);
  webSocket.on('message', (data: Buffer, isBinary: boolean) => {
    const text = String(data);
    try {
      if (!isBinary && text.startsWith('42')) decoder.add(text.slice(1));
      else heard.events.push([isBinary, text]);
    } catch {
      heard.events.push(['no packet', text]);
    }
  });
  webSocket.on('ping', (data: Buffer) => heard.events.push(['ping', String(data)]));
  webSocket.on('close', (code) => (heard.end = code));
  if (webSocket instanceof FastWebSocket) {
    const take = (_: PeerSocket, event: unknown, payload: unknown, request: unknown): boolean => {
      if (event !== 'known') return false;
      heard.events.push([event, payload, request]);
      return true;
    };
    webSocket.open({} as PeerSocket, { take }, { flushLater: () => undefined });
  }
  for (const piece of pieces) {
    if (line.destroyed) break;
    if (webSocket instanceof FastWebSocket) webSocket.read(Buffer.from(piece), piece.length);
    else line.push(Buffer.from(piece));
    if (piece.length % 3 === 0) await new Promise(setImmediate);
  }
  line.push(null);
  await new Promise<void>((resolve) => {
    if (heard.end === 'open') webSocket.once('close', () => resolve());
    else resolve();
  });
  return heard;
}

function frame(opcode: number, payload: Buffer, { final = true, masked = true, key = 1 }): Buffer {
  if (masked) {
    return maskedFrame(opcode, payload, final, Buffer.from([key, key ^ 0x5a, 0xff - key, key]));
  }
  const bytes = maskedFrame(opcode, payload, final, Buffer.alloc(4));
  bytes.writeUInt8(bytes.readUInt8(1) & 0x7f, 1);
  const maskAt = bytes.length - payload.length - 4;
  return Buffer.concat([bytes.subarray(0, maskAt), payload]);
}

const packet = fc.oneof(
  { weight: 6, arbitrary: fc.json().map((json) => `42["known",${json}]`) },
  { weight: 3, arbitrary: fc.tuple(fc.nat(), fc.json()).map(([id, j]) => `42${id}["known",${j}]`) },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'binary', maxLength: 300 })
      .map((s) => `42["known",${JSON.stringify(s)}]`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '42["other",1]',
      '42["known"]',
      '42["known",1,2]',
      '42[]',
      '42["known"',
      '42/other,["known",1]',
      '4201["known",1]',
      '42 ["known",1]',
      '2probe',
      '3',
      '',
    ),
  },
);
const oddFrame = fc.record({
  opcode: fc.constantFrom(...Object.values(OPCODES)),
  payload: fc.oneof(
    packet.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
  ),
  final: fc.boolean(),
  masked: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
  key: fc.nat(255),
});
const plainFrame = fc.record({
  payload: packet.map((text) => Buffer.from(text)),
  key: fc.nat(255),
});
const bytes = fc.oneof(
  {
    weight: 8,
    arbitrary: plainFrame.map(({ payload, key }) => frame(OPCODES.text, payload, { key })),
  },
  {
    weight: 1,
    arbitrary: oddFrame.map(({ opcode, payload, ...how }) => frame(opcode, payload, how)),
  },
  {
    weight: 1,
    arbitrary: plainFrame.map(({ payload, key }) => {
      const half = payload.length >> 1;
      return Buffer.concat([
        frame(OPCODES.text, payload.subarray(0, half), { key, final: false }),
        frame(OPCODES.ping, Buffer.from('p'), { key }),
        frame(OPCODES.continuation, payload.subarray(half), { key }),
      ]);
    }),
  },
);

describe('a fast WebSocket', () => {
  it(`takes from ${STREAMS} streams, cut anywhere, what ws would, in the same order, and ends as it would`, async () => {
    const streams = fc.tuple(
      fc.array(bytes, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(streams, async ([frames, cuts]) => {
        const stream = Buffer.concat(frames);
        const pieces: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const length = cuts[i % cuts.length] ?? 1;
          pieces.push(stream.subarray(at, (at += length)));
        }
        const [short, long] = [await hears(pieces, 'fast'), await hears(pieces, 'stock')];
        if (!isDeepStrictEqual(short, long)) expect(short).toEqual(long); // which takes longer
      }),
      { numRuns: STREAMS },
    );
  }, 240_000);

  it('sends what ws would, byte for byte, in the order given', async () => {
    const texts = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom(
          'x'.repeat(123),
          'x'.repeat(124),
          'x'.repeat(125),
          'é'.repeat(62),
          'x'.repeat(65_534),
          'x'.repeat(65_535),
          '€'.repeat(MESSAGE_MAX_BYTES / 4),
        ),
      ),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (list) => {
        const [short, long] = [new Line(), new Line()];
        const fast = (await opened('fast', short)) as FastWebSocket;
        const stock = await opened('stock', long);
        fast.open({} as PeerSocket, { take: () => false }, { flushLater: () => undefined });
        for (const [i, text] of list.entries()) {
          if (i % 3 === 2 || !fast.sendText(text)) fast.send(`4${text}`);
          stock.send(`4${text}`);
        }
        fast.flush();
        await new Promise(setImmediate);
        const sent = ({ written }: Line): string => Buffer.concat(written.slice(1)).toString('hex');
        expect(sent(short)).toBe(sent(long));
        fast.terminate();
        stock.terminate();
      }),
    );
  });
});
