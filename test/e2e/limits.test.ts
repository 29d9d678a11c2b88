import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { RawSocket } from '../support/raw/socket.js';

const PROTOCOL_2 = { auth: { protocol: 2 } };

describe('budgets', () => {
  let server: RunningApp;
  const peers: Peer[] = [];
  const connect = async (options = {}) => {
    const peer = await Peer.connect(server.url, options);
    peers.push(peer);
    return peer;
  };

  beforeAll(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
  });
  afterAll(() => server.close());
  afterEach(() => Promise.all(peers.splice(0).map((peer) => peer.close())));

  it('never refuse an honest burst: a large offer and 60 candidates in one tick', async () => {
    const [ana, ben] = [await connect(), await connect()];
    const replies = await Promise.all([
      ana.ask('offer', { to: ben.id, sdp: 'x'.repeat(24_000) }),
      ...Array.from({ length: 60 }, (_, i) =>
        ana.ask('candidate', { to: ben.id, candidate: { candidate: String(i), sdpMid: '0' } }),
      ),
    ]);
    expect(replies.every(({ ok }) => ok)).toBe(true);
    await eventually(() => expect(ben.all('candidate')).toHaveLength(60));
  });

  it('never refuse a page that asks for the list on every hint', async () => {
    const ana = await connect();
    const replies = await Promise.all(Array.from({ length: 100 }, () => ana.ask('getOnlineUsers')));
    expect(replies.every(({ ok }) => ok)).toBe(true);
    await eventually(() => expect(ana.all('onlineUsers').length).toBeGreaterThan(0));
    expect(ana.all('onlineUsers').length).toBeLessThan(20);
  });

  it('grow with every description, for machines with many addresses, and not for ever', async () => {
    const [ana, ben] = [await connect(), await connect()];
    await ana.ask('call', { to: ben.id });
    const passing = async (count: number): Promise<number> => {
      const replies = await Promise.all(
        Array.from({ length: count }, (_, i) =>
          ben.ask('candidate', {
            to: ana.id,
            candidate: { candidate: String(i), sdpMid: '0' },
          }),
        ),
      );
      return replies.filter(({ ok }) => ok).length;
    };
    expect(await ben.ask('offer', { to: ana.id, sdp: 'v=0' })).toMatchObject({ ok: true });
    expect(await passing(3 * 54)).toBe(3 * 54);
    for (let i = 0; i < 10; i += 1) await ben.ask('offer', { to: ana.id, sdp: 'v=0' });
    expect(await passing(1_900)).toBeLessThan(1_800);
  });

  it('never refuse an office of 500 behind one address', async () => {
    const office = await Promise.all(Array.from({ length: 500 }, () => connect()));
    const registered = await Promise.all(
      office.map((peer, i) => peer.ask('register', `peer ${i}`)),
    );
    expect(registered.filter(({ ok }) => !ok)).toEqual([]);
    const calls = await Promise.all(
      office.slice(0, 250).map((peer, i) => peer.ask('call', { to: office[i + 250]?.id })),
    );
    expect(calls.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('refuse a flood with the time to wait, and nobody else notices', async () => {
    const [mallory, victim] = [await connect(), await connect()];
    await mallory.ask('call', { to: victim.id });
    const replies = await Promise.all(
      Array.from({ length: 400 }, () =>
        mallory.ask('candidate', { to: victim.id, candidate: null }),
      ),
    );
    const refused = replies.flatMap((reply) => (reply.ok ? [] : [reply.error]));
    expect(refused.length).toBeGreaterThan(200);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['rate_limited']));
    expect(refused.every(({ retryAfterMs = 0 }) => retryAfterMs > 0)).toBe(true);
    await eventually(() => expect(victim.all('candidate')).toHaveLength(400 - refused.length));
    expect(victim.all('exception')).toEqual([]);
  });

  it('ring a device at most four times at once', async () => {
    const victim = await connect(PROTOCOL_2);
    const callers = await Promise.all(Array.from({ length: 10 }, () => connect()));
    const replies = await Promise.all(callers.map((peer) => peer.ask('call', { to: victim.id })));
    const refused = replies.flatMap((reply) => (reply.ok ? [] : [reply.error.code]));
    expect(refused).toEqual(Array(6).fill('busy'));
    await eventually(() => expect(victim.all('call')).toHaveLength(4));
  });

  it('let a device have to do with at most eight calls', async () => {
    const mallory = await connect(PROTOCOL_2);
    const victims = await Promise.all(Array.from({ length: 10 }, () => connect()));
    const replies = await Promise.all(victims.map(({ id }) => mallory.ask('call', { to: id })));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(8);
    await eventually(() => {
      expect(victims.filter((victim) => victim.all('call').length > 0).length).toBe(8);
    });
  });
});

describe('sustained abuse', () => {
  let server: RunningApp;

  beforeAll(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
  });
  afterAll(() => server.close());

  it.each([
    ['protocol 2', PROTOCOL_2, 1],
    ['the tutorial', {}, 0],
  ])('closes a client of %s for good', async (_, options, told) => {
    const mallory = await Peer.connect(server.url, options);
    for (let i = 0; i < 3_000; i++) mallory.tell('no such event', i);
    await eventually(() => expect(mallory.socket.connected).toBe(false));
    expect(mallory.socket.active).toBe(false);
    expect(mallory.all('closing')).toHaveLength(told);
    expect(mallory.all('exception').length).toBeLessThanOrEqual(3);
    await mallory.close();
  });
});

describe('connection limits', () => {
  let server: RunningApp;
  afterEach(() => server.close());
  const refusals = (peer: Peer) => {
    let count = 0;
    peer.socket.on('connect_error', () => count++);
    return () => count;
  };

  it('keep further clients waiting, who come in by themselves once there is room', async () => {
    server = await startApp({ MAX_CONNECTIONS: '2' });
    const [ana, ben] = await Promise.all([Peer.connect(server.url), Peer.connect(server.url)]);
    const response = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const eve = Peer.connecting(server.url, { reconnectionDelay: 50, reconnectionDelayMax: 100 });
    const refused = refusals(eve);
    await eventually(() => expect(refused()).toBeGreaterThan(1));
    await ana.close();
    await eventually(() => expect(eve.socket.connected).toBe(true));
    await Promise.all([ben.close(), eve.close()]);
  });

  it('hold for handshakes that come in one piece', async () => {
    server = await startApp({ MAX_CONNECTIONS: '5' });
    const handshake = '/socket.io/?EIO=4&transport=polling';
    const raw = await RawSocket.tcp(server.url);
    raw.write(`GET ${handshake} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(8));
    await raw.isClosed();
    expect(raw.plain).toContain('HTTP/1.1 503');
    const sids = [...raw.plain.matchAll(/"sid":"([^"]+)"/g)].map(([, sid = '']) => sid);
    const answers = await Promise.all(
      sids.map((sid) =>
        fetch(`${server.url}${handshake}&sid=${sid}`, { method: 'POST', body: '40' }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
    await raw.close();
  });

  it('count for each address, and believe no address that no proxy vouches for', async () => {
    server = await startApp({ MAX_CONNECTIONS_PER_ADDRESS: '1' });
    const ana = await Peer.connect(server.url);
    const spoofing = Peer.connecting(server.url, {
      extraHeaders: { 'x-forwarded-for': '198.51.100.1' },
    });
    const refused = refusals(spoofing);
    await eventually(() => expect(refused()).toBeGreaterThan(0));
    await Promise.all([ana.close(), spoofing.close()]);
  });

  it('believe a proxy that they are told to trust', async () => {
    server = await startApp({ MAX_CONNECTIONS_PER_ADDRESS: '1', TRUST_PROXY: '1' });
    const behind = (address: string) =>
      Peer.connect(server.url, {
        extraHeaders: { 'x-forwarded-for': address },
        reconnection: false,
      });
    const peers = await Promise.all([behind('198.51.100.1'), behind('198.51.100.2')]);
    await expect(behind('198.51.100.2')).rejects.toThrow();
    await Promise.all(peers.map((peer) => peer.close()));
  });

  it.each([
    ['203.0.113.7:50001', '203.0.113.7:50002'],
    ['[2001:db8::1]:50001', '2001:DB8:0:0::2'],
    ['no address', 'another'],
  ])('count %s and %s as one address, as proxies write them', async (first, second) => {
    server = await startApp({ MAX_CONNECTIONS_PER_ADDRESS: '1', TRUST_PROXY: '1' });
    const behind = (address: string) =>
      Peer.connect(server.url, {
        extraHeaders: { 'x-forwarded-for': address },
        reconnection: false,
      });
    const peer = await behind(first);
    await expect(behind(second)).rejects.toThrow();
    await peer.close();
  });
});
