import { startApp, type RunningApp } from '../support/app.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

/** The handshake may take 10 s, and whoever watches over it looks once a second. */
const WITHIN_MS = 15_000;

describe('hostile handshakes', () => {
  let server: RunningApp;
  let bystanders: Bystanders;
  const raws: RawSocket[] = [];

  beforeAll(async () => {
    // No ping may be what closes a connection here.
    server = await startApp({ PING_INTERVAL_MS: '60000' });
    bystanders = await Bystanders.connect(server.url);
  });
  afterAll(async () => {
    await bystanders.close();
    await server.close();
  });

  const raw = async (bytes: string): Promise<RawSocket> => {
    const socket = await RawSocket.tcp(server.url);
    socket.write(bytes);
    raws.push(socket);
    return socket;
  };
  const opened = async (...packets: string[]): Promise<RawSocket> => {
    const socket = await RawSocket.open(server.url);
    socket.say(...packets);
    raws.push(socket);
    return socket;
  };
  const upgrade = (sid: string) =>
    `GET /socket.io/?EIO=4&transport=websocket&sid=${sid} HTTP/1.1\r\nHost: localhost\r\n` +
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

  it(
    'that are never finished are closed, whatever they stop at, and nobody else is',
    async () => {
      const half = await RawPolling.open(server.url);
      const silent = await RawPolling.open(server.url);
      const waiting = await RawPolling.open(server.url);
      const ends = [half.hearToTheEnd(), waiting.hearToTheEnd()];
      const kinds = {
        'TCP alone': await raw(''),
        'one byte': await raw('G'),
        'half a line': await raw('GET /socket.io/?EIO=4&trans'),
        'half a head': await raw('GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n'),
        'half a body': await raw(
          `POST /socket.io/?EIO=4&transport=polling&sid=${half.sid} HTTP/1.1\r\nHost: x\r\n` +
            'Content-Length: 100\r\n\r\n40',
        ),
        'half a body for nobody': await raw(
          'POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4',
        ),
        'WebSocket without a CONNECT': await opened(),
        'WebSocket with half a frame': await opened(),
        'a CONNECT that was refused': await opened('40/admin,'),
        'pongs alone': await opened('3', '3', '6'),
        'an upgrade that is never made': await raw(upgrade(waiting.sid)),
      };
      kinds['WebSocket with half a frame'].write(Buffer.from('81', 'hex'));

      for (const [kind, socket] of Object.entries(kinds)) {
        await socket
          .isClosed(WITHIN_MS)
          .catch((error: unknown) => Promise.reject(new Error(kind, { cause: error })));
      }
      // A session over polling has no connection of its own: its polls end, and it cannot go on.
      for (const heard of await Promise.all(ends)) {
        expect(heard).not.toContainEqual(expect.stringMatching(/^4/));
      }
      await silent.say('40');
      expect(await silent.hearToTheEnd()).not.toContainEqual(expect.stringMatching(/^4/));
      await bystanders.alone();
      await bystanders.undisturbed();
    },
    WITHIN_MS + 5_000,
  );
});
