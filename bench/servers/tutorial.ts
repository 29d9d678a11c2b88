import { createServer } from 'node:http';
import express from 'express';
import { Server } from 'socket.io';

/** The server of the published tutorial, word for word where types and lint allow. */

interface Addressed {
  to: string;
}

const port = Number(process.env.PORT);
const app = express();
const server = createServer(app);
const io = new Server(server, { cors: { origin: '*' } });

const connectedUsers: Record<string, string | undefined> = {};

io.on('connection', (socket) => {
  console.log('a user connected', socket.id);
  connectedUsers[socket.id] = undefined;

  socket.on('register', (name: string) => {
    connectedUsers[socket.id] = name;
    console.log('user registered', name);
    socket.broadcast.emit('userConnected');
  });

  socket.on('getOnlineUsers', () => {
    socket.emit('onlineUsers', connectedUsers);
  });

  socket.on('call', (data: Addressed) => {
    socket.to(data.to).emit('call', { from: socket.id, name: connectedUsers[socket.id] });
  });

  socket.on('offer', (data: Addressed & { sdp: unknown }) => {
    socket.to(data.to).emit('offer', { sdp: data.sdp, socketId: socket.id });
  });

  socket.on('answer', (data: Addressed & { sdp: unknown }) => {
    socket.to(data.to).emit('answer', { sdp: data.sdp, socketId: socket.id });
  });

  socket.on('candidate', (data: Addressed & { candidate: unknown }) => {
    socket.to(data.to).emit('candidate', { candidate: data.candidate });
  });

  socket.on('endCall', (data: Addressed) => {
    socket.to(data.to).emit('endCall');
  });

  socket.on('disconnect', () => {
    console.log('user disconnected');
    if (connectedUsers[socket.id]) {
      socket.broadcast.emit('userDisconnected', socket.id);
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- as published
      delete connectedUsers[socket.id];
    }
  });
});

server.listen(port, '127.0.0.1', () => {
  console.log(`Listening: http://localhost:${port}`);
});
