import { randomBytes } from 'node:crypto';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function textFrames(packets: string[]): Buffer {
  return Buffer.concat(packets.map((packet) => frame(OPCODE.text, Buffer.from(packet))));
}

/** WebSocket's own pings; every one asks for a pong of the same size. */
export function pingFrames(count: number): Buffer {
  const ping = frame(OPCODE.ping, Buffer.alloc(125));
  return Buffer.concat(Array.from({ length: count }, () => ping));
}

/** A client's frame: masked, and final unless it is said to be one of several. */
export function frame(
  opcode: number,
  payload: Buffer,
  final = true,
  mask = randomBytes(4),
): Buffer {
  const length = Buffer.alloc(9);
  let size = 1;
  if (payload.length < 126) {
    length.writeUInt8(0x80 | payload.length);
  } else if (payload.length < 65_536) {
    length.writeUInt8(0x80 | 126);
    length.writeUInt16BE(payload.length, 1);
    size = 3;
  } else {
    length.writeUInt8(0x80 | 127);
    length.writeBigUInt64BE(BigInt(payload.length), 1);
    size = 9;
  }
  return Buffer.concat([
    Buffer.from([(final ? 0x80 : 0) | opcode]),
    length.subarray(0, size),
    mask,
    payload.map((byte, i) => byte ^ mask.readUInt8(i & 3)),
  ]);
}
