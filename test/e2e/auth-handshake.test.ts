import type { Server } from 'socket.io';
import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import { DrainService } from '../../src/drain/drain.service.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { JwksServer } from '../support/jwks-server.js';
import { Newcomer } from '../support/newcomer.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { census } from '../support/raw/census.js';
import {
  inSeconds,
  newSigner,
  SECRET,
  type Signer,
  tokenBy,
  tokenWith,
} from '../support/tokens.js';

let server: RunningApp;

describe('while a token is being checked', () => {
  let jwks: JwksServer;
  let signer: Signer;

  beforeEach(async () => {
    signer = newSigner();
    jwks = await JwksServer.start(signer);
    jwks.hang();
    server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: jwks.url });
  });
  afterEach(async () => {
    await server.close();
    await jwks.goAway();
  });

  /** Its handshake has begun, and is not going to end before the key server answers. */
  async function waiting(transport: (typeof TRANSPORTS)[number]): Promise<Newcomer> {
    const newcomer = Newcomer.comes(server.url, await tokenBy(signer), { transports: [transport] });
    const before = unconnected().size;
    await eventually(() => expect(unconnected().size).toBe(before + 1));
    return newcomer;
  }

  /** What Socket.IO keeps of those who are not connected yet. */
  function unconnected(): ReadonlyMap<string, unknown> {
    const messenger: unknown = server.app.get(PeerMessenger, { strict: false });
    const { server: io } = messenger as { server: Server };
    const { _preConnectSockets: sockets } = io.sockets as unknown as {
      _preConnectSockets: ReadonlyMap<string, unknown>;
    };
    return sockets;
  }

  describe.each(TRANSPORTS)('over %s', (transport) => {
    it('nobody hears of its bearer, who is let in afterwards', async () => {
      const ana = await waiting(transport);
      expect(server.app.get(PeerMessenger, { strict: false }).connectionCount).toBe(0);
      expect(ana.outcome).toEqual({});
      await jwks.comeBack();
      expect(await ana.settled()).toEqual({ userId: 'ana' });
      expect(ana.retries).toBe(0);
      await ana.peer.close();
    });

    it('whoever leaves leaves nothing behind', async () => {
      const before = census(server);
      const ana = await waiting(transport);
      await ana.peer.close();
      await jwks.comeBack();
      await eventually(() => {
        expect(unconnected().size).toBe(0);
        expect(census(server)).toEqual(before);
      });
      expect(ana.outcome).toEqual({});
    });

    it('the server may begin to stop, and lets nobody in any more', async () => {
      const ana = await waiting(transport);
      const drained = server.app.get(DrainService, { strict: false }).beforeApplicationShutdown();
      await jwks.comeBack();
      await eventually(() => expect(ana.retries).toBeGreaterThan(0));
      await drained;
      expect(ana.outcome).toEqual({});
      await ana.peer.close();
    });
  });
});

describe('without authentication', () => {
  beforeEach(async () => {
    server = await startApp();
  });
  afterEach(() => server.close());

  it('everybody is let in as nobody in particular, whatever they bring', async () => {
    for (const token of [undefined, 'x', 42, { a: 1 }]) {
      const extraHeaders = { authorization: 'Bearer x' };
      const peer = await Peer.connect(server.url, { auth: { protocol: 2, token }, extraHeaders });
      expect((await peer.next('welcome')).userId).toBe(peer.id);
      await peer.close();
    }
  });
});

describe('with authentication', () => {
  beforeEach(async () => {
    server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET, CALLS_REQUIRED: 'off' });
  });
  afterEach(() => server.close());

  it('there is no demo, and no signaling outside of a call', async () => {
    expect((await fetch(`${server.url}/demo/`)).status).toBe(404);
    const enter = async (sub: string) =>
      Peer.connect(server.url, { auth: { token: await tokenWith({ sub }) } });
    const [ana, ben] = [await enter('ana'), await enter('ben')];
    expect(await ana.ask('offer', { to: ben.id, sdp: 'x' })).toMatchObject({
      error: { code: 'not_in_call' },
    });
    await ana.close();
    await ben.close();
  });

  it('the refused are counted', async () => {
    await Newcomer.tries(server.url, 'x');
    await Newcomer.tries(server.url, await tokenWith({ exp: inSeconds(-60) }));
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('switchboard_refusals_total{code="unauthorized"} 1');
    expect(metrics).toContain('switchboard_refusals_total{code="token_expired"} 1');
  });
});
