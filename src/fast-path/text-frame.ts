/** A final WebSocket frame of text. */
const TEXT = '\x81';
/** Engine.IO's MESSAGE. */
const MESSAGE = '4';
const SHORT_MAX_BYTES = 125;
const MAX_BYTES = 0xffff;
const LENGTH_OF_16_BITS = '\x7e';

/** A packet of Socket.IO as it goes over the wire, a character a byte; undefined if it is too large. */
export function frameOf(packet: string): string | undefined {
  const body = isAscii(packet) ? packet : Buffer.from(packet).toString('latin1');
  const bytes = MESSAGE.length + body.length;
  if (bytes <= SHORT_MAX_BYTES) return TEXT + String.fromCharCode(bytes) + MESSAGE + body;
  if (bytes > MAX_BYTES) return undefined;
  return TEXT + LENGTH_OF_16_BITS + String.fromCharCode(bytes >> 8, bytes & 0xff) + MESSAGE + body;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
