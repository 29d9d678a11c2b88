import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

/** So many messages may wait for one who is changing its transport; what comes on top is refused. */
const FITS = 1_500;

describe('a client that opens with long-polling and upgrades, as stock clients do', () => {
  let server: RunningApp;
  const connect = () => Peer.connect(server.url, { transports: ['polling', 'websocket'] });

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());

  it('loses nothing and reorders nothing while it does', async () => {
    const [ana, ben] = await Promise.all([connect(), connect()]);
    const sent: string[] = [];
    const transport = () => ana.socket.io.engine.transport.name;
    ana.tell('offer', { to: ben.id, sdp: 'v=0'.repeat(8_000) });
    while (transport() === 'polling' || sent.length < 200) {
      for (let i = 0; i < 20 && sent.length < FITS; i += 1) {
        const candidate = `candidate:${sent.length}`;
        sent.push(candidate);
        ana.tell('candidate', { to: ben.id, candidate: { candidate, sdpMid: '0' } });
      }
      await new Promise(setImmediate);
    }
    await eventually(() => {
      expect(ben.received.map(({ event }) => event).slice(0, 2)).toEqual(['offer', 'candidate']);
      expect(ben.all('candidate').map(({ candidate }) => candidate?.candidate)).toEqual(sent);
    });
    expect(ben.socket.io.engine.transport.name).toBe('websocket');
    await Promise.all([ana.close(), ben.close()]);
  });
});
