import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { exportJWK } from 'jose';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { JwksServer } from '../support/jwks-server.js';
import { Newcomer } from '../support/newcomer.js';
import { newSigner, type Signer, tokenBy } from '../support/tokens.js';

const MB = 1024 * 1024;
const UNPACKED_MB = 256;
const GZIP = { 'Content-Encoding': 'gzip' };
const TOO_LARGE = { event: 'key server is away', reason: 'The JSON Web Key Set is over 256 KiB' };

let jwks: JwksServer;
let signer: Signer;
let keySet: string;
let server: RunningApp | undefined;
let logged: jest.SpiedFunction<Logger['error']>;

beforeEach(async () => {
  signer = newSigner();
  jwks = await JwksServer.start(signer);
  keySet = JSON.stringify({
    keys: [{ ...(await exportJWK(signer.publicKey)), kid: signer.kid }],
  });
  logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
});
afterEach(async () => {
  logged.mockRestore();
  await server?.close();
  server = undefined;
  await jwks.goAway();
});

/** Tries again and again, and is let in once the key server is itself again. */
async function turnsAwayForTheMoment(): Promise<void> {
  server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: jwks.url });
  const ana = Newcomer.comes(server.url, await tokenBy(signer));
  try {
    await eventually(() => expect(ana.retries).toBeGreaterThan(1), 20_000);
    expect(ana.outcome).toEqual({});
    expect(logged.mock.calls).toEqual([[TOO_LARGE]]);
    await jwks.comeBack();
    expect(await ana.settled(10_000)).toEqual({ userId: 'ana' });
  } finally {
    await ana.peer.close();
  }
}

describe('a key set that is too large', () => {
  it('packed into half a megabyte is not unpacked, though it holds the right key', async () => {
    const spaces = gzipSync(Buffer.alloc(MB, ' '), { level: 9 });
    const bomb = [...Array<Buffer>(UNPACKED_MB).fill(spaces), gzipSync(keySet)];
    jwks.answerWith(200, Buffer.concat(bomb), GZIP);
    const peakKilobytes = process.resourceUsage().maxRSS;
    await turnsAwayForTheMoment();
    expect(process.resourceUsage().maxRSS - peakKilobytes).toBeLessThan((UNPACKED_MB * 1024) / 4);
  }, 60_000);

  it('and never ends is hung up on', async () => {
    jwks.answerWithoutEnd();
    await turnsAwayForTheMoment();
    // What the cap lets pass, and what the operating system takes for every connection made.
    expect(jwks.sentBytes / jwks.fetches).toBeLessThan(16 * MB);
  }, 60_000);
});

it('a packed key set of the usual size is fine', async () => {
  jwks.answerWith(200, gzipSync(keySet), GZIP);
  server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: jwks.url });
  expect(await Newcomer.tries(server.url, await tokenBy(signer))).toEqual({ userId: 'ana' });
});

it('a key set of a large provider, with a certificate for each key, is fine', async () => {
  const certificate = 'MIID'.repeat(500);
  const others = Array.from({ length: 100 }, (_, i) => ({
    kty: 'RSA',
    kid: `other ${i}`,
    x5c: [certificate],
  }));
  const { keys } = JSON.parse(keySet) as { keys: object[] };
  jwks.answerWith(200, JSON.stringify({ keys: [...others, ...keys] }));
  server = await startApp({ AUTH_MODE: 'jwt', AUTH_JWKS_URL: jwks.url });
  expect(await Newcomer.tries(server.url, await tokenBy(signer))).toEqual({ userId: 'ana' });
});
