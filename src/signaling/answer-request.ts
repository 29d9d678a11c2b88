import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { SignalingError } from '../protocol/signaling-error.js';

/** As Engine.IO hands it on: without a response if a WebSocket was asked for. */
export type EngineRequest = IncomingMessage & { res?: ServerResponse };

/** In the place of Engine.IO, which itself can only answer 403 or 400, and in words of its own. */
export function answerRequest(
  request: EngineRequest,
  status: number,
  { code, message }: Pick<SignalingError, 'code' | 'message'>,
  more: Record<string, string | number> = {},
): void {
  const body = JSON.stringify({ code, message });
  const headers = {
    ...more,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  if (request.res !== undefined) {
    request.res.writeHead(status, headers).end(body);
    return;
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  request.socket
    .on('error', () => undefined) // whoever asked may be gone, and Node has let go of the socket
    .end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}
