import { eventually } from '../support/eventually.js';
import { JwksServer } from '../support/jwks-server.js';
import { Newcomer } from '../support/newcomer.js';
import { ensureBuilt, ServiceProcess } from '../support/process.js';
import { inSeconds, newSigner, tokenBy } from '../support/tokens.js';

const HERE = { iss: 'https://login.example/', aud: 'quux-audience' };
const ANA = { ...HERE, sub: 'zebedee', name: 'Zebedee', tenant: 'acme' };
const FORBIDDEN = [
  ...[/zebedee/i, /acme/, /eyJ/, /login\.example/, /quux/, /jwks/, /BEGIN/, /kid-/, /sign in/i],
  /authorization|bearer/i,
];
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b|::1\b/;

describe('the log of a server that checks tokens', () => {
  let jwks: JwksServer;
  let service: ServiceProcess;
  /** Errors first: they go to stderr. */
  let written: string[];
  let events: Record<string, unknown>[];

  beforeAll(async () => {
    await ensureBuilt();
    const [signer, stranger] = [newSigner('P-256', 'kid-1'), newSigner('P-256', 'kid-1')];
    jwks = await JwksServer.start(signer);
    jwks.answerWith(200, '<!doctype html><title>Sign in</title>');
    service = ServiceProcess.start({
      PORT: '0',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'verbose',
      AUTH_MODE: 'jwt',
      AUTH_JWKS_URL: jwks.url,
      AUTH_JWT_ISSUER: HERE.iss,
      AUTH_JWT_AUDIENCE: HERE.aud,
    });
    const url = await service.listening();

    const token = await tokenBy(signer, ANA);
    const early = [1, 2, 3].map(() => Newcomer.comes(url, token));
    await eventually(() => {
      for (const { retries } of early) expect(retries).toBeGreaterThan(3);
    });
    await jwks.comeBack();
    for (const newcomer of early) {
      expect(await newcomer.settled(10_000)).toEqual({ userId: 'zebedee' });
    }
    const refused = [
      await tokenBy(stranger, ANA),
      await tokenBy(signer, { ...ANA, exp: inSeconds(-60) }),
      await tokenBy(signer, { ...ANA, aud: 'another' }),
      `${token}x`,
      token.slice(0, 100),
    ];
    for (const bad of refused) {
      expect(await Newcomer.tries(url, bad)).toHaveProperty('refusal');
      const extraHeaders = { authorization: `Bearer ${bad}` };
      expect(await Newcomer.tries(url, undefined, { extraHeaders })).toHaveProperty('refusal');
    }
    await Promise.all(early.map(({ peer }) => peer.close()));
    service.signal('SIGTERM');
    expect(await service.exitCode()).toBe(0);
    written = `${service.stderr}\n${service.stdout}`.split('\n').filter((line) => line !== '');
    events = written
      .map((line) => (JSON.parse(line) as { message: unknown }).message)
      .filter((message) => typeof message === 'object') as Record<string, unknown>[];
  }, 60_000);
  afterAll(async () => {
    await service.kill();
    await jwks.goAway();
  });

  it('has one line for an outage of the key server, which says what is wrong, and one for its end', () => {
    expect(events.filter(({ event }) => String(event).startsWith('key server'))).toEqual([
      {
        event: 'key server is away',
        reason: 'Failed to parse the JSON Web Key Set HTTP response as JSON',
      },
      { event: 'key server is back' },
    ]);
  });

  it('has no line for those who were refused: anybody could fill it', () => {
    expect(events.filter(({ event }) => event !== 'connection ended')).toHaveLength(2);
  });

  it('has nothing in it of tokens, of who has them, of settings, of addresses', () => {
    for (const line of written.filter((text) => !text.includes('listening on'))) {
      for (const pattern of [...FORBIDDEN, ADDRESS]) expect(line).not.toMatch(pattern);
    }
  });
});
