import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { ATTACKS } from './attacks.js';

export interface Start {
  readonly port: number;
  readonly attack: number;
  readonly clients: number;
}

const HANDSHAKE =
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
  `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`;
/** `40`, with a key that masks nothing. */
const CONNECT = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]);

const { port, attack, clients } = workerData as Start;
const { over, bytes } = ATTACKS[attack] ?? never();
let cutOff = 0;

for (let i = 0; i < clients; i += 1) come();
parentPort?.on('message', () => parentPort?.postMessage(cutOff));

/** Whoever is cut off comes back at once. */
function come(): void {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.on('close', () => {
    cutOff += 1;
    come();
  });
  if (over === 'http') {
    socket.resume().on('connect', () => goOn(socket));
    return;
  }
  let heard = '';
  socket.on('connect', () => socket.write(HANDSHAKE));
  socket.on('data', (chunk: Buffer) => {
    if (heard.includes('40{')) return;
    const opened = heard.includes('0{"sid');
    heard += chunk.toString('latin1');
    if (!opened && heard.includes('0{"sid')) socket.write(CONNECT);
    if (heard.includes('40{')) goOn(socket);
  });
}

function goOn(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.write(bytes)) setImmediate(() => goOn(socket));
  else socket.once('drain', () => goOn(socket));
}

function never(): never {
  throw new Error('there is no such attack');
}
