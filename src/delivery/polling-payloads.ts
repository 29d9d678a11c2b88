import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { EVENTS_PER_TURN, MESSAGE_CUT_BYTES, MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { type Charge, unitsOf } from './charge.js';
import type { PeerConnection } from './peer-socket.js';

/** Of Engine.IO, between the packets of a payload. */
const SEPARATOR = '\x1e';
/** Of a payload that is refused: enough for the name of its event and its acknowledgement. */
const START_CHARACTERS = 64;

/** Names of Engine.IO's transport. */
interface Polling {
  dataReq?: IncomingMessage | null;
  dataRes?: ServerResponse | null;
  onDataRequest: (request: IncomingMessage, response: ServerResponse) => void;
  onData: (payload: string) => void;
  onError: (problem: string) => void;
  headers: (request: IncomingMessage, headers: object) => Record<string, string>;
}

/**
 * Has what a long-polling client posts charged to it, and handled a piece in a turn of the event
 * loop, where Engine.IO would handle thousands of packets at once. The client is answered when all of
 * them are, so that nothing it sends can overtake them.
 *
 * @param refuseTooLarge hears how a message began of which nothing else is kept
 */
export function takePayloadsInTurns(
  connection: PeerConnection,
  charge: Charge,
  refuseTooLarge: (start: string) => void,
): void {
  if (connection.transport.name !== 'polling') return;
  const transport = connection.transport as unknown as Polling;

  /** @returns the status to answer with */
  const handle = async (payload: Payload): Promise<200 | 413> => {
    if (payload.bytes > MESSAGE_MAX_BYTES) {
      if (payload.bytes > MESSAGE_CUT_BYTES || payload.packets > 1) return 413;
      if (charge(unitsOf(1, payload.bytes))) refuseTooLarge(payload.text);
      else connection.close(true);
      return 200;
    }
    if (!charge(unitsOf(payload.packets, payload.bytes))) {
      connection.close(true);
      return 200;
    }
    const packets = payload.text.split(SEPARATOR);
    for (let at = 0; at < packets.length && connection.readyState === 'open';) {
      if (at > 0) await setImmediate();
      const end = at + EVENTS_PER_TURN;
      transport.onData(packets.slice(at, end).join(SEPARATOR));
      at = end;
    }
    return 200;
  };

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    Object.assign(transport, { dataReq: request, dataRes: response });
    try {
      const status = await handle(await read(request));
      if (status === 200) response.writeHead(200, transport.headers(request, ANSWER)).end('ok');
      else response.writeHead(status, { Connection: 'close' }).end();
    } catch {
      transport.onError('data request connection closed prematurely');
    } finally {
      Object.assign(transport, { dataReq: null, dataRes: null });
    }
  };

  transport.onDataRequest = (request, response) => {
    const isOverlap = Boolean(transport.dataReq);
    if (!isOverlap && request.headers['content-type'] !== 'application/octet-stream') {
      void take(request, response);
      return;
    }
    transport.onError(isOverlap ? 'data request overlap from client' : 'invalid content');
    response.writeHead(400).end();
  };
}

/** As Engine.IO answers: HTML, since some browsers offer plain text for download. */
const ANSWER = { 'Content-Type': 'text/html', 'Content-Length': '2' };

interface Payload {
  /** All of it, or of one that is too large its start. */
  readonly text: string;
  readonly bytes: number;
  readonly packets: number;
}

/** @throws if the client goes before it has said everything */
async function read(request: IncomingMessage): Promise<Payload> {
  let text = '';
  let bytes = 0;
  let packets = 1;
  request.setEncoding('utf8');
  // The answer goes by the same connection, which must not end with what is read.
  const chunks: AsyncIterable<string> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    bytes += Buffer.byteLength(chunk);
    packets += separatorsIn(chunk);
    text += chunk;
    if (bytes > MESSAGE_MAX_BYTES) text = text.slice(0, START_CHARACTERS);
    if (bytes > MESSAGE_CUT_BYTES) break;
  }
  return { text, bytes, packets };
}

function separatorsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(SEPARATOR); at >= 0; at = text.indexOf(SEPARATOR, at + 1)) count += 1;
  return count;
}
