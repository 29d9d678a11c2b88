import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { PeerConnection } from '../delivery/peer-socket.js';
import { EVENTS_PER_TURN, MESSAGE_CUT_BYTES, MESSAGE_MAX_BYTES } from '../protocol/limits.js';
import { type Payer, unitsOf } from './payer.js';

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
 * Has what a long-polling client posts charged to it as it comes, and handled a piece in a turn of the
 * event loop, where Engine.IO would handle thousands of packets at once. The client is answered when
 * all of them are, so that nothing it sends can overtake them.
 */
export function takePayloadsInTurns(connection: PeerConnection, payer: Payer): void {
  if (connection.transport.name !== 'polling') return;
  const transport = connection.transport as unknown as Polling;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const payload = await read(request, payer);
    if (payload === 'gone') {
      transport.onError('data request connection closed prematurely');
    } else if (payload === 'too much' || !payer.charge(payload.packets)) {
      response.writeHead(413, { Connection: 'close' }).end(() => connection.close(true));
    } else {
      if (payload.isWhole) await handle(payload.text);
      else if (!payer.refuseTooLarge(payload.text)) connection.close(true);
      response.writeHead(200, transport.headers(request, { ...ANSWER })).end('ok');
    }
  };

  const handle = async (text: string): Promise<void> => {
    const packets = text.split(SEPARATOR);
    for (let at = 0; at < packets.length && connection.readyState === 'open';) {
      if (at > 0) await setImmediate();
      const end = at + EVENTS_PER_TURN;
      transport.onData(packets.slice(at, end).join(SEPARATOR));
      at = end;
    }
  };

  transport.onDataRequest = (request, response) => {
    const isOverlap = Boolean(transport.dataReq);
    if (isOverlap || request.headers['content-type'] === 'application/octet-stream') {
      transport.onError(isOverlap ? 'data request overlap from client' : 'invalid content');
      response.writeHead(400).end();
      return;
    }
    Object.assign(transport, { dataReq: request, dataRes: response });
    void take(request, response).finally(() => {
      Object.assign(transport, { dataReq: null, dataRes: null });
    });
  };
}

/** As Engine.IO answers: HTML, since some browsers offer plain text for download. */
const ANSWER = { 'Content-Type': 'text/html', 'Content-Length': '2' };

interface Payload {
  /** All of it, or of one message that is too large its start. */
  readonly text: string;
  readonly isWhole: boolean;
  readonly packets: number;
}

/** Each part of it is charged when it comes; what is too much is not read to its end. */
function read(request: IncomingMessage, payer: Payer): Promise<Payload | 'gone' | 'too much'> {
  return new Promise((resolve) => {
    let text = '';
    let bytes = 0;
    let packets = 1;
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      bytes += Buffer.byteLength(chunk);
      packets += separatorsIn(chunk);
      text += chunk;
      const isWhole = bytes <= MESSAGE_MAX_BYTES;
      if (!isWhole) text = text.slice(0, START_CHARACTERS);
      const isTooMuch = bytes > MESSAGE_CUT_BYTES || (!isWhole && packets > 1);
      if (!isTooMuch && payer.charge(unitsOf(1, chunk.length))) return;
      request.removeAllListeners('data').pause();
      resolve('too much');
    });
    request.on('end', () => resolve({ text, isWhole: bytes <= MESSAGE_MAX_BYTES, packets }));
    request.on('close', () => resolve('gone'));
  });
}

function separatorsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(SEPARATOR); at >= 0; at = text.indexOf(SEPARATOR, at + 1)) count += 1;
  return count;
}
