import { startApp, type RunningApp } from '../support/app.js';
import { Peer, TRANSPORTS } from '../support/peer.js';

describe.each(TRANSPORTS)('the tutorial protocol over %s', (transport) => {
  let server: RunningApp;
  let ana: Peer;
  let ben: Peer;
  const connect = () => Peer.connect(server.url, { transports: [transport] });

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    [ana, ben] = await Promise.all([connect(), connect()]);
  });
  afterEach(() => Promise.all([ana.close(), ben.close()]));

  it('carries a whole call, without a single acknowledgement', async () => {
    ana.tell('register', 'Ana');
    ben.tell('register', 'Ben');
    ana.tell('call', { to: ben.id });
    expect(await ben.next('call')).toMatchObject({ from: ana.id, name: 'Ana' });

    const offer = { type: 'offer', sdp: 'v=0\r\noffer' };
    ben.tell('offer', { to: ana.id, sdp: offer });
    expect(await ana.next('offer')).toMatchObject({ sdp: offer, socketId: ben.id });

    ana.tell('answer', { to: ben.id, sdp: 'v=0\r\nbare answer' });
    expect(await ben.next('answer')).toMatchObject({
      sdp: 'v=0\r\nbare answer',
      socketId: ana.id,
    });

    const candidate = {
      candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: null,
    };
    ana.tell('candidate', { to: ben.id, candidate });
    expect(await ben.next('candidate')).toMatchObject({ candidate, socketId: ana.id });
    ana.tell('candidate', { to: ben.id, candidate: null });
    expect(await ben.next('candidate')).toMatchObject({ candidate: null, socketId: ana.id });

    ana.tell('endCall', { to: ben.id });
    expect(await ben.next('endCall')).toMatchObject({ socketId: ana.id });
  });

  it('lets a peer that never registered call, without a name', async () => {
    ana.tell('call', { to: ben.id });
    const call = await ben.next('call');
    expect(call.from).toBe(ana.id);
    expect(call).not.toHaveProperty('name');
  });

  it("survives the hang-up without a call that the author's page sends", async () => {
    ana.tell('endCall', { to: null });
    expect(await ana.next('exception')).toMatchObject({ code: 'call_not_found' });
    expect(await ana.ask('register', 'Ana')).toEqual({ ok: true, name: 'Ana' });
    expect(ben.all('endCall')).toEqual([]);
  });
});
