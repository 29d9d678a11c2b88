import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { TokenVerifier } from '../../src/auth/token-verifier.js';
import { Settings } from '../../src/config/settings.js';
import { DrainService } from '../../src/drain/drain.service.js';
import { startApp } from '../support/app.js';
import { Newcomer } from '../support/newcomer.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';
import { tokenWith, WITH_TOKENS } from '../support/tokens.js';

/** As Nest's own pages create an application, with nothing of ours but the module. */
const CREATORS: [string, () => Promise<INestApplication>][] = [
  [
    'Test.createTestingModule',
    async () =>
      (await Test.createTestingModule({ imports: [AppModule] }).compile()).createNestApplication(),
  ],
  ['NestFactory.create', () => NestFactory.create(AppModule, { logger: false })],
];

describe.each(CREATORS)('an application made by %s alone', (_, create) => {
  const environment = { ...process.env };
  const clients: { close(): unknown }[] = [];
  let app: INestApplication | undefined;
  let url: string;

  const start = async (settings: Record<string, string> = {}): Promise<void> => {
    Object.assign(process.env, settings);
    app = await create();
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  };
  const enter = async (transport: Transport = 'websocket', origin?: string): Promise<Peer> => {
    const extraHeaders: Record<string, string> = origin === undefined ? {} : { origin };
    const auth = { protocol: 2 };
    const peer = await Peer.connect(url, { auth, transports: [transport], extraHeaders });
    clients.push(peer);
    return peer;
  };

  afterEach(async () => {
    process.env = { ...environment };
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await app?.close();
    app = undefined;
  });

  it.each(TRANSPORTS)('answers every event over %s', async (transport) => {
    await start();
    const ana = await enter(transport);
    expect(await ana.ask('register', 'Ana')).toEqual({ ok: true, name: 'Ana' });
    expect(await ana.ask('watchPresence')).toEqual({
      ok: true,
      users: [expect.objectContaining({ socketId: ana.id, name: 'Ana' })],
    });
    expect(await ana.ask('selfDestruct')).toMatchObject({ error: { code: 'unknown_event' } });
    expect(await ana.ask('call', 'nobody')).toMatchObject({ error: { code: 'invalid_payload' } });
  });

  it.each(TRANSPORTS)('keeps pages of other origins out over %s', async (transport) => {
    await start({ CORS_ORIGINS: 'https://ours.example' });
    await enter(transport, 'https://ours.example');
    await expect(enter(transport, 'https://foreign.example')).rejects.toMatchObject({
      data: { code: 'unauthorized' },
    });
    const answer = await fetch(url, { headers: { origin: 'https://foreign.example' } });
    expect(answer.status).toBe(403);
  });

  it.each(TRANSPORTS)('lets nobody in over %s without a token', async (transport) => {
    await start(WITH_TOKENS);
    const transports = [transport];
    expect(await Newcomer.tries(url, undefined, { transports })).toMatchObject({
      refusal: { code: 'unauthorized' },
    });
    expect(await Newcomer.tries(url, await tokenWith(), { transports })).toEqual({ userId: 'ana' });
  });

  it('has its front door, the demo page and its patience with requests', async () => {
    await start();
    for (const path of ['/', '/demo/', '/nowhere']) {
      const { headers } = await fetch(url + path);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('x-powered-by')).toBeNull();
    }
    expect((await fetch(`${url}/demo/`)).status).toBe(200);
    const server = app?.getHttpServer() as Server;
    expect(server.requestTimeout).toBeLessThan(60_000);
    expect(server.headersTimeout).toBeLessThanOrEqual(server.requestTimeout);
  });

  it('closes long before Jest loses its patience, whoever is still connected', async () => {
    await start();
    await enter('websocket');
    await enter('polling');
    const halfRequest = await dial(url, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n');
    const strangeUpgrade = await dial(
      url,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: strange\r\n\r\n',
    );
    clients.push({ close: () => halfRequest.destroy() }, { close: () => strangeUpgrade.destroy() });

    const startedMs = performance.now();
    await app?.close();
    expect(performance.now() - startedMs).toBeLessThan(2_500); // half of what a hook may take
  });

  it('does not start with an adapter that knows none of this', async () => {
    app = await create();
    app.useWebSocketAdapter(new IoAdapter(app));
    await expect(app.init()).rejects.toThrow('another WebSocket adapter');
    app = undefined;
  });
});

describe('a stop', () => {
  it('that a signal asks for takes its time, of which half is over when the last of two goes', async () => {
    const { app, url } = await startApp({ DRAIN_SECONDS: '2' });
    const peers = await Promise.all([1, 2].map(() => Peer.connect(url, { reconnection: false })));

    const startedMs = performance.now();
    await app.get(DrainService).beforeApplicationShutdown('SIGTERM');
    expect(performance.now() - startedMs).toBeGreaterThan(900);

    await Promise.all(peers.map((peer) => peer.close()));
    await app.close();
  });
});

describe('what a test may put in the place of', () => {
  it('the check of tokens decides who somebody is', async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(Settings)
      .useValue(Settings.from(WITH_TOKENS))
      .overrideProvider(TokenVerifier)
      .useValue({ claimsOf: (token: string) => ({ sub: token, exp: Date.now() }) })
      .compile();
    const app = module.createNestApplication();
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();

    expect(await Newcomer.tries(url, 'ben')).toEqual({ userId: 'ben' });
    await app.close();
  });
});

/** A connection that has sent this, and sees to nothing else. */
async function dial(url: string, request: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(request);
  return socket;
}
