import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { SharedText } from './shared-text.js';

describe('SharedText', () => {
  it.each([0, 1, 123, 124, 125, 126, 65_530, 65_534, 65_535, 65_536, 300_000])(
    'of %i bytes is a frame that a client of ws takes, with a prefix and without',
    async (length) => {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      await once(server, 'listening');
      const shared = new SharedText('x'.repeat(length));
      server.on('connection', (_, { socket }) => {
        for (const prefix of ['', '37[']) {
          for (const part of shared.frameFor(prefix)) socket.write(part);
        }
      });
      const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const heard: string[] = [];
      client.on('message', (data: Buffer) => heard.push(data.toString()));
      while (heard.length < 2) await once(client, 'message');
      expect(heard).toEqual([`4${shared.text}`, `437[${shared.text}`]);
      client.terminate();
      server.close();
    },
  );

  it('has one body for all, and one frame for all who get it without a prefix', () => {
    const shared = new SharedText('text');
    expect(shared.frameFor('')).toBe(shared.frameFor(''));
    expect(shared.frameFor('31[')[1]).toBe(shared.frameFor('32[')[1]);
  });
});
