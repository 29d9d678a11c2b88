import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { io, type Socket } from 'socket.io-client';
import { AppModule } from '../../src/app.module.js';
import { TokenVerifier } from '../../src/auth/token-verifier.js';
import { Clock } from '../../src/calls/clock.js';
import { Settings } from '../../src/config/settings.js';
import { ManualClock } from '../support/manual-clock.js';

/** Every token is the name of its user, and is good for a minute. */
class TokensAreNames {
  claimsOf(token: string) {
    return Promise.resolve({ sub: token, exp: Date.now() / 1_000 + 60 });
  }
}

describe('a call that nobody answers', () => {
  const clock = new ManualClock();
  const sockets: Socket[] = [];
  let app: INestApplication;

  beforeAll(async () => {
    const settings = Settings.from({
      AUTH_MODE: 'jwt',
      AUTH_JWT_SECRET: 'thirty-two bytes, never looked at',
    });
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(Settings)
      .useValue(settings)
      .overrideProvider(TokenVerifier)
      .useClass(TokensAreNames)
      .overrideProvider(Clock)
      .useValue(clock)
      .compile();
    app = module.createNestApplication();
    await app.listen(0);
  });

  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await app.close();
  });

  async function enter(token: string): Promise<Socket> {
    const socket = io(await app.getUrl(), { forceNew: true, auth: { protocol: 2, token } });
    sockets.push(socket);
    await next(socket, 'connect');
    return socket;
  }

  it('ends for both sides once it has rung for its time', async () => {
    const ana = await enter('ana');
    const ben = await enter('ben');

    // Before the call, or the event may be there before anybody waits for it.
    const rings = next(ben, 'call');
    const ends = [next(ana, 'endCall'), next(ben, 'endCall')];
    const { ok, callId } = (await ana.emitWithAck('call', { toUser: 'ben' })) as Answer;
    expect(ok).toBe(true);
    expect(await rings).toMatchObject({ callId, from: ana.id, userId: 'ana' });

    clock.advance(45_000);
    for (const end of await Promise.all(ends)) {
      expect(end).toMatchObject({ callId, reason: 'timeout' });
    }
  });

  it('does not ring for a user who is not there', async () => {
    const ana = await enter('ana');
    expect(await ana.emitWithAck('call', { toUser: 'nobody' })).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    });
  });
});

interface Answer {
  readonly ok: boolean;
  readonly callId: string;
}

function next(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve));
}
