import { randomUUID } from 'node:crypto';
import { type WebSocket, WebSocketServer } from 'ws';

/** The least that relays JSON over WebSocket: no protocol, no checks, nobody is told of anybody. */

interface Message {
  type: string;
  to: string;
  content: unknown;
}

const sockets = new Map<string, WebSocket>();
const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' });

server.on('connection', (socket) => {
  const id = randomUUID();
  sockets.set(id, socket);
  socket.send(JSON.stringify({ type: 'welcome', id }));

  socket.on('message', (data: Buffer) => {
    const { type, to, content } = JSON.parse(data.toString()) as Message;
    sockets.get(to)?.send(JSON.stringify({ type, from: id, content }));
  });

  socket.on('close', () => sockets.delete(id));
});
