/** What a client may send that is worth nobody's while, as bytes that it repeats without end. */
export interface Attack {
  readonly title: string;
  /** On a WebSocket that has been let in, or on a connection that only speaks HTTP. */
  readonly over: 'websocket' | 'http';
  readonly bytes: Buffer;
}

/** About what a server reads of a connection at once. */
const SEGMENT_BYTES = 64 * 1024;
const MASK = Buffer.from([1, 2, 3, 4]);
const TEXT = 0x81;
const TEXT_UNFINISHED = 0x01;
const CONTINUATION_UNFINISHED = 0x00;
const CONTINUATION = 0x80;
const PING = 0x89;
const FRAGMENTS = 500;

export const ATTACKS: readonly Attack[] = [
  frames('WebSocket pings', frame(PING)),
  frames('pongs of Engine.IO', frame(TEXT, '3')),
  frames('acknowledgements nobody asked for', frame(TEXT, '430[]')),
  frames('requests for the list, with acknowledgement', frame(TEXT, '421["getOnlineUsers"]')),
  frames('events that there are not', frame(TEXT, '421["x"]')),
  frames(
    'candidates for nobody',
    frame(TEXT, '421["candidate",{"to":"x","candidate":{"candidate":"c","sdpMid":"0"}}]'),
  ),
  frames(
    'messages of empty fragments',
    Buffer.concat([
      frame(TEXT_UNFINISHED, '3'),
      ...Array.from({ length: FRAGMENTS }, () => frame(CONTINUATION_UNFINISHED)),
      frame(CONTINUATION),
    ]),
  ),
  requests('/metrics'),
  requests('/health/live'),
  requests('/demo/'),
  requests('/nowhere'),
  requests('/socket.io/socket.io.js'),
  requests('/socket.io/socket.io.js.map'),
  requests('/socket.io/?EIO=4&transport=polling', 'polling handshakes'),
];

function frames(title: string, sample: Buffer): Attack {
  return { title, over: 'websocket', bytes: segmentOf(sample) };
}

function requests(path: string, title = `GET ${path}`): Attack {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br, gzip\r\n\r\n`;
  return { title, over: 'http', bytes: segmentOf(Buffer.from(request)) };
}

function segmentOf(sample: Buffer): Buffer {
  const times = Math.max(1, Math.floor(SEGMENT_BYTES / sample.length));
  return Buffer.concat(Array.from({ length: times }, () => sample));
}

/** As a client sends it: masked. */
function frame(first: number, text = ''): Buffer {
  const payload = Buffer.from(text).map((byte, i) => byte ^ (MASK[i % MASK.length] ?? 0));
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length]), MASK, payload]);
}
