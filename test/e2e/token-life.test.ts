import { setTimeout } from 'node:timers/promises';
import { type RunningApp, startApp } from '../support/app.js';
import { callIdOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { census } from '../support/raw/census.js';
import { inSeconds, SECRET, tokenWith } from '../support/tokens.js';

let server: RunningApp;
beforeAll(async () => {
  server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET });
});
afterAll(() => server.close());

const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

/** Connects with a token that is good for so many seconds. */
async function connect(seconds: number, claims = {}, options = {}): Promise<Peer> {
  const token = await tokenWith({ exp: Date.now() / 1_000 + seconds, ...claims });
  const peer = await Peer.connect(server.url, { auth: { protocol: 2, token }, ...options });
  peers.push(peer);
  return peer;
}

const refused = (code: string): unknown => ({
  ok: false,
  error: expect.objectContaining({ code }) as unknown,
});

describe.each(TRANSPORTS)('a token over %s', (transport) => {
  it('ends with a warning, a reason, and a connection that stays closed', async () => {
    const peer = await connect(2, {}, { transports: [transport], reconnectionDelay: 10 });
    const reasons: string[] = [];
    peer.socket.on('disconnect', (reason) => reasons.push(reason));
    const { expiresInMs } = await peer.next('tokenExpiring');
    expect(expiresInMs).toBeGreaterThan(500);
    expect(expiresInMs).toBeLessThanOrEqual(2_000);
    expect(await peer.next('closing')).toEqual({
      code: 'token_expired',
      message: 'the token has expired',
    });
    await eventually(() => expect(reasons).toEqual(['io server disconnect']));
    await setTimeout(300);
    expect(peer.socket.active).toBe(false);
  });
});

it('closes a client of the tutorial without an event that it would not know', async () => {
  const token = await tokenWith({ exp: inSeconds(2) });
  const peer = await Peer.connect(server.url, { auth: { token } });
  peers.push(peer);
  await eventually(() => expect(peer.socket.connected).toBe(false));
  expect(peer.received).toEqual([]);
});

it('leaves alone who has a token for two months', async () => {
  const peer = await connect(60 * 24 * 60 * 60);
  await setTimeout(1_200);
  await peer.settled();
  expect(peer.received.map(({ event }) => event)).toEqual(['welcome']);
});

it('leaves nothing behind when it ends in the moment in which it is let in', async () => {
  // Whoever was here before may only now be noticed to have gone.
  const nobody = { 'PresenceService.peers': 0, 'HttpServer.sockets': 0 };
  await eventually(() => expect(census(server)).toMatchObject(nobody));
  const before = census(server);
  // `exp` may be a fraction, and is compared with whole seconds.
  await eventually(() => expect(Math.abs((Date.now() % 1_000) - 200)).toBeLessThan(100));
  const ana = await connect(0, { exp: inSeconds(-5) + 0.05, name: 'Ana' });
  expect(await ana.next('closing')).toMatchObject({ code: 'token_expired' });
  await eventually(() => expect(census(server)).toEqual(before));
});

it('ends the call of whoever does not renew', async () => {
  const [ana, ben] = await Promise.all([connect(2), connect(600, { sub: 'ben' })]);
  const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
  await ben.ask('accept', { callId });
  expect(await ben.next('endCall')).toMatchObject({ callId, reason: 'disconnected' });
});

describe('refreshToken', () => {
  it('lets the connection last as long as the new token, with all that it is in', async () => {
    const [ana, ben] = await Promise.all([connect(2), connect(600, { sub: 'ben' })]);
    const { id } = ana;
    const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
    await ben.ask('accept', { callId });
    const reply = await ana.ask('refreshToken', { token: await tokenWith() });
    expect(reply).toEqual({ ok: true, expiresInMs: expect.any(Number) as unknown });
    if (!reply.ok) throw new Error('unreachable');
    expect(reply.expiresInMs).toBeGreaterThan(590_000);
    expect(reply.expiresInMs).toBeLessThanOrEqual(600_000);
    await setTimeout(3_000);
    expect(await ana.ask('candidate', { callId, candidate: null })).toEqual({ ok: true, callId });
    expect(ana.id).toBe(id);
    expect(ana.all('closing')).toEqual([]);
  });

  it('says how long the connection lasts with a token that only passes since clocks differ', async () => {
    const ana = await connect(600);
    const reply = await ana.ask('refreshToken', { token: await tokenWith({ exp: inSeconds(-3) }) });
    if (!reply.ok) throw new Error(reply.error.message);
    expect(reply.expiresInMs).toBeGreaterThan(0);
    expect(reply.expiresInMs).toBeLessThanOrEqual(2_000);
    await ana.next('closing');
  });

  it('warns anew before the new end', async () => {
    const ana = await connect(600);
    await ana.ask('refreshToken', { token: await tokenWith({ exp: inSeconds(2) }) });
    await ana.next('tokenExpiring');
    await ana.next('closing');
  });

  it('takes no token that is wrong, and nothing changes', async () => {
    const wrong: [what: string, claims: object, code: string][] = [
      ['of another user', { sub: 'ben' }, 'unauthorized'],
      ['of the same id in another tenant', { tenant: 'other' }, 'unauthorized'],
      ['that has expired', { exp: inSeconds(-60) }, 'token_expired'],
      ['that is not good yet, nor soon', { nbf: inSeconds(600) }, 'unauthorized'],
    ];
    // One connection for all of them: only one that took none ends with its first token.
    const ana = await connect(2);
    for (const [what, claims, code] of wrong) {
      const token = await tokenWith({ exp: inSeconds(600), ...claims });
      const reply = await ana.ask('refreshToken', { token });
      expect({ what, reply }).toEqual({ what, reply: refused(code) });
      expect(await ana.ask('call', { toUser: 'ben' })).toEqual(refused('unavailable'));
    }
    expect(await ana.next('closing')).toMatchObject({ code: 'token_expired' });
  });

  it('asks to wait for a token that begins in a moment, and takes it then', async () => {
    const ana = await connect(600);
    const token = await tokenWith({ nbf: inSeconds(8) });
    const reply = await ana.ask('refreshToken', { token });
    expect(reply).toMatchObject({
      error: { code: 'service_unavailable', message: 'the token is not valid yet' },
    });
    const { retryAfterMs = NaN } = reply.ok ? {} : reply.error;
    expect(retryAfterMs).toBeLessThanOrEqual(3_000);
    await setTimeout(retryAfterMs);
    expect(await ana.ask('refreshToken', { token })).toMatchObject({ ok: true });
    expect(ana.socket.connected).toBe(true);
  });

  it('takes a long token, with the word of the HTTP header in front of it', async () => {
    const ana = await connect(600);
    const token = await tokenWith({ padding: 'x'.repeat(12_000) });
    expect(token.length).toBeGreaterThan(16_000);
    for (const each of [token, `Bearer ${token}`, `bearer ${token}`]) {
      expect(await ana.ask('refreshToken', { token: each })).toMatchObject({ ok: true });
    }
    for (const wrong of ['Bearer', 'Bearer ', 'Bearer x.y.z']) {
      expect(await ana.ask('refreshToken', { token: wrong })).toEqual(refused('unauthorized'));
    }
  });

  it('takes no token that was altered, and none that is none', async () => {
    const ana = await connect(600);
    const token = await tokenWith({}, 'another secret, of more than 32 bytes');
    for (const wrong of [token, 'x', 'a.b.c']) {
      expect(await ana.ask('refreshToken', { token: wrong })).toEqual(refused('unauthorized'));
    }
    for (const wrong of ['', 1, null, [], {}, 'x'.repeat(16_385), `Bearer ${'x'.repeat(16_385)}`]) {
      expect(await ana.ask('refreshToken', { token: wrong })).toEqual(refused('invalid_payload'));
    }
  });

  it('keeps the order of what is sent beside it', async () => {
    const [ana, ben] = await Promise.all([connect(600), connect(600, { sub: 'ben' })]);
    const callId = callIdOf(await ana.ask('call', { toUser: 'ben' }));
    await ben.ask('accept', { callId });
    const token = await tokenWith();
    for (let i = 0; i < 30; i += 1) {
      if (i % 10 === 5) ana.tell('refreshToken', { token });
      ana.tell('candidate', { callId, candidate: { candidate: String(i), sdpMid: '0' } });
    }
    await eventually(() => expect(ben.all('candidate')).toHaveLength(30));
    expect(ben.all('candidate').map(({ candidate }) => candidate?.candidate)).toEqual(
      Array.from({ length: 30 }, (_, i) => String(i)),
    );
  });

  it('keeps the name that the connection began with', async () => {
    const ana = await connect(600, { name: 'Ana' });
    await ana.ask('refreshToken', { token: await tokenWith({ name: 'Boss' }) });
    expect(await ana.ask('register', 'Boss')).toEqual({ ok: true, name: 'Ana' });
  });
});
