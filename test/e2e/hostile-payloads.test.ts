import type { ClientEvent } from '../../src/protocol/events.js';
import { SIGNALING_ERRORS } from '../../src/protocol/signaling-error.js';
import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { Bystanders, besidesPresence } from '../support/raw/bystanders.js';

/** Recognisable wherever it turns up again. */
const MARK = 'mark7f3a';

/** Every event a client may send, as an honest client would send it to `to`. */
const HONEST = {
  register: () => 'Eve',
  getOnlineUsers: () => undefined,
  call: (to) => ({ to }),
  ringing: () => ({ callId: MARK }),
  accept: () => ({ callId: MARK }),
  offer: (to) => ({ to, sdp: 'v=0' }),
  answer: (to) => ({ to, sdp: 'v=0' }),
  candidate: (to) => ({ to, candidate: null }),
  endCall: (to) => ({ to }),
  watchPresence: () => undefined,
  unwatchPresence: () => undefined,
  refreshToken: () => ({ token: MARK }),
} satisfies Record<ClientEvent, (to: unknown) => unknown>;
const EVENTS = Object.keys(HONEST) as ClientEvent[];
const NEED_NOTHING: ClientEvent[] = ['getOnlineUsers', 'watchPresence', 'unwatchPresence'];
const ADDRESSED = ['call', 'offer', 'answer', 'candidate', 'endCall'] as const;

/** JSON as a parser makes it: `__proto__` is a key of its own there. */
const json = (text: string): unknown => JSON.parse(text);

/** Payloads of every type, none of which is one that an event other than `register` takes. */
const PAYLOADS: [what: string, payload: unknown][] = [
  ['null', null],
  ['true', true],
  ['zero', 0],
  ['a huge number', 1e308],
  ['an empty text', ''],
  ['a text', MARK],
  ['an empty array', []],
  ['an array', [MARK]],
  ['an array of the right object', [{ to: MARK, sdp: 'v=0', candidate: null }]],
  ['an empty object', {}],
  ['a nested object', { [MARK]: { a: [{ b: MARK }] } }],
  ['binary', Buffer.from(MARK)],
  [
    'binary inside',
    { to: Buffer.from(MARK), sdp: Buffer.from(MARK), candidate: Buffer.from(MARK) },
  ],
  ['a __proto__', json(`{"__proto__":{"to":"${MARK}","${MARK}":1}}`)],
  ['a constructor', { constructor: { prototype: { [MARK]: 1 } } }],
  ['a toString', { toString: MARK, valueOf: 1, hasOwnProperty: null }],
  ['a then', { then: MARK, to: { then: MARK } }],
  ['a placeholder', { _placeholder: true, num: 0 }],
];

const NOT_A_TEXT: [what: string, value: unknown][] = [
  ['null', null],
  ['true', true],
  ['a number', 1],
  ['an array', ['x']],
  ['an empty array', []],
  ['an object', { length: 1, [MARK]: MARK }],
  ['a __proto__', json(`{"__proto__":"${MARK}"}`)],
  ['binary', Buffer.from(MARK)],
];

const refused = (code: keyof typeof SIGNALING_ERRORS, message: unknown = expect.any(String)) => ({
  ok: false,
  error: { code, message },
});
/** A message about this field, or about one inside of it. */
const field = (name: string): unknown =>
  expect.stringMatching(new RegExp(`^(nested property )?(\\w+\\.)*${name}\\b`));

/** Counts the acknowledgements on the wire; a stock client would hide a second one. */
function countAcks(peer: Peer): { acks: number } {
  const count = { acks: 0 };
  peer.socket.io.engine.on('data', (packet: unknown) => {
    if (typeof packet === 'string' && packet.startsWith('3')) count.acks += 1;
  });
  return count;
}

describe.each(TRANSPORTS)('hostile payloads over %s', (transport) => {
  let server: RunningApp;
  let bystanders: Bystanders;
  let victim: Peer;
  let eve: Peer;
  const connect = (protocol = 1) =>
    Peer.connect(server.url, {
      transports: [transport],
      reconnection: false,
      auth: { protocol },
    });

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    [bystanders, victim, eve] = await Promise.all([
      Bystanders.connect(server.url),
      connect(),
      connect(2),
    ]);
    await eve.next('welcome');
    await victim.ask('register', 'Victim');
  });
  afterEach(() => Promise.all([bystanders.close(), victim.close(), eve.close()]));

  const nobodyNoticed = async (): Promise<void> => {
    await victim.settled();
    expect(besidesPresence(victim)).toEqual([]);
    await bystanders.undisturbed();
  };

  describe.each(EVENTS)('as %s', (event) => {
    /** One of them takes a text, and those that need nothing never look. */
    const takes = (payload: unknown): boolean =>
      NEED_NOTHING.includes(event) || (event === 'register' && payload === MARK);
    const result = {
      ...(event === 'register' && { name: MARK }),
      ...(event === 'watchPresence' && { users: expect.any(Array) as unknown }),
    };

    it('are each acknowledged exactly once, by a code and without their content', async () => {
      const count = countAcks(eve);
      const replies = await Promise.all(PAYLOADS.map(([, payload]) => eve.ask(event, payload)));
      replies.forEach((reply, index) => {
        const [what, payload] = PAYLOADS[index] ?? [];
        const expected = takes(payload) ? { ok: true, ...result } : refused('invalid_payload');
        expect({ what, reply }).toEqual({ what, reply: expected });
        if (!takes(payload)) expect(JSON.stringify(reply)).not.toContain(MARK);
      });
      await eve.settled();
      expect(count.acks).toBe(PAYLOADS.length + 1);
      await nobodyNoticed();
    });

    it('are each refused by one exception where no acknowledgement was asked for', async () => {
      await Promise.all(
        PAYLOADS.map(async ([what, payload]) => {
          const stranger = await connect(2);
          stranger.tell(event, payload);
          await stranger.settled();
          const exception = {
            status: 'error',
            code: 'invalid_payload',
            message: expect.not.stringContaining(MARK) as unknown,
            cause: { pattern: event },
          };
          await eventually(() => {
            const heard = stranger.all('exception');
            expect({ what, heard }).toEqual({ what, heard: takes(payload) ? [] : [exception] });
          });
          await stranger.close();
        }),
      );
      await nobodyNoticed();
    });

    it('may be missing, which is refused unless nothing was needed', async () => {
      expect(await eve.ask(event)).toEqual(
        NEED_NOTHING.includes(event) ? { ok: true, ...result } : refused('invalid_payload'),
      );
      await nobodyNoticed();
    });

    it('may have others behind them, which nobody looks at', async () => {
      const reply = await eve.ask(event, HONEST[event](victim.id), 'extra', { to: MARK }, [1]);
      expect(reply).toMatchObject(
        ['ringing', 'accept', 'endCall'].includes(event)
          ? refused('call_not_found')
          : event === 'refreshToken'
            ? refused('unauthorized') // there are no tokens here
            : { ok: true },
      );
      await bystanders.undisturbed();
    });
  });

  it('leave no trace in the prototype that all objects share', async () => {
    const keys = ['to', 'name', 'sdp', 'polluted'];
    const polluting = json(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    for (const event of EVENTS) {
      await eve.ask(event, polluting);
      await eve.ask(event, { to: polluting, sdp: polluting, candidate: polluting });
    }
    for (const key of keys) expect(Object.prototype).not.toHaveProperty(key);
  });

  describe.each(ADDRESSED)('in the address of %s', (event) => {
    it('name the field when they are no text, or one that no id can be', async () => {
      const values = [
        ...NOT_A_TEXT,
        ['nothing', ''],
        ['far too much', 'x'.repeat(100_000)],
      ] as const;
      for (const [what, to] of values) {
        const reply = await eve.ask(event, HONEST[event](to));
        const hangsUpOnNobody = event === 'endCall' && to === null;
        const expected = hangsUpOnNobody
          ? refused('call_not_found')
          : refused('invalid_payload', field('to'));
        expect({ what, reply }).toEqual({ what, reply: expected });
      }
      await nobodyNoticed();
    });

    it('tell oneself from nobody', async () => {
      const oneself = event === 'endCall' ? 'call_not_found' : 'invalid_recipient';
      expect(await eve.ask(event, HONEST[event](eve.id))).toEqual(refused(oneself));
      const gone = await connect();
      const { id } = gone;
      await gone.close();
      const codes = event === 'endCall' ? ['unavailable', 'call_not_found'] : ['unavailable'];
      for (const to of [id, 'x', '*', '/', '__proto__', 'constructor', victim.id.toLowerCase()]) {
        await eventually(async () => {
          const reply = await eve.ask(event, HONEST[event](to));
          expect(codes.map((code) => refused(code as 'unavailable'))).toContainEqual(reply);
        });
      }
      expect(besidesPresence(eve)).toEqual([]);
      await nobodyNoticed();
    });
  });

  it.each(['offer', 'answer'] as const)(
    'in the description of an %s name the field',
    async (type) => {
      const wrong = [
        ...NOT_A_TEXT,
        ['nothing', undefined],
        ...NOT_A_TEXT.map(([what, sdp]) => [`${what} inside`, { type, sdp }] as const),
        ...NOT_A_TEXT.map(
          ([what, value]) => [`${what} as type`, { type: value, sdp: 'v=0' }] as const,
        ),
        ['no type', { sdp: 'v=0' }],
        ['no text', { type }],
        ['a foreign type', { type: type === 'offer' ? 'answer' : 'offer', sdp: 'v=0' }],
        ['a rollback', { type: 'rollback', sdp: 'v=0' }],
        ['two of them', [{ type, sdp: 'v=0' }]],
      ] as const;
      for (const [what, sdp] of wrong) {
        const reply = await eve.ask(type, { to: victim.id, sdp });
        expect({ what, reply }).toEqual({ what, reply: refused('invalid_payload', field('sdp')) });
      }
      await nobodyNoticed();
    },
  );

  it('in a candidate name the field', async () => {
    const whole = NOT_A_TEXT.filter(([, value]) => value !== null);
    const wrong: [name: string, what: string, candidate: unknown][] = [
      ...[...whole, ['nothing', undefined] as const, ['a text', 'x'] as const].map(
        ([what, value]) => ['candidate', what, value] as [string, string, unknown],
      ),
      ...NOT_A_TEXT.map(
        ([what, value]) =>
          ['candidate', `${what} inside`, { candidate: value }] as [string, string, unknown],
      ),
      ...(['sdpMid', 'usernameFragment'] as const).flatMap((name) =>
        [...whole, ['a long text', 'x'.repeat(257)] as const].map(
          ([what, value]) =>
            [name, what, { candidate: '', [name]: value }] as [string, string, unknown],
        ),
      ),
      ...[true, '0', -1, 1.5, 65_536, 1e308, [0], {}].map(
        (value) =>
          ['sdpMLineIndex', JSON.stringify(value), { candidate: '', sdpMLineIndex: value }] as [
            string,
            string,
            unknown,
          ],
      ),
    ];
    for (const [name, what, candidate] of wrong) {
      const reply = await eve.ask('candidate', { to: victim.id, candidate });
      const expected = refused('invalid_payload', field(name));
      expect({ name, what, reply }).toEqual({ name, what, reply: expected });
    }
    await nobodyNoticed();
  });

  it('name the field even where an object in it poses as a class', async () => {
    const posing = { constructor: MARK };
    for (const event of ADDRESSED) {
      const reply = await eve.ask(event, HONEST[event](posing));
      expect({ event, reply }).toEqual({ event, reply: refused('invalid_payload', field('to')) });
    }
    expect(await eve.ask('offer', { to: victim.id, sdp: { type: 'offer', sdp: posing } })).toEqual(
      refused('invalid_payload', field('sdp')),
    );
    expect(
      await eve.ask('candidate', { to: victim.id, candidate: { candidate: '', sdpMid: posing } }),
    ).toEqual(refused('invalid_payload', field('sdpMid')));
    expect(await eve.ask('register', posing)).toEqual(refused('invalid_payload', field('name')));
    await nobodyNoticed();
  });

  describe.each([
    ['in ASCII', 'a', 1],
    ['in many bytes a character', '€', 3],
  ])('%s', (_, character, bytes) => {
    /** A text of exactly so many bytes. */
    const text = (size: number): string =>
      character.repeat(Math.floor(size / bytes)) + 'a'.repeat(size % bytes);

    it('pass at the cap and not a byte over it, as a description', async () => {
      for (const type of ['offer', 'answer'] as const) {
        for (const wrap of [(sdp: string) => sdp, (sdp: string) => ({ type, sdp })]) {
          const send = (size: number) => eve.ask(type, { to: victim.id, sdp: wrap(text(size)) });
          expect(await send(65_537)).toEqual(refused('payload_too_large', field('sdp')));
          expect(await send(65_536)).toEqual({ ok: true });
          expect(await victim.next(type)).toEqual({ sdp: wrap(text(65_536)), socketId: eve.id });
        }
      }
      await nobodyNoticed();
    });

    it('pass at the cap and not a byte over it, as a candidate', async () => {
      const send = (size: number) =>
        eve.ask('candidate', { to: victim.id, candidate: { candidate: text(size), sdpMid: '0' } });
      expect(await send(4_097)).toEqual(refused('payload_too_large', field('candidate')));
      expect(await send(4_096)).toEqual({ ok: true });
      expect(await victim.next('candidate')).toEqual({
        candidate: { candidate: text(4_096), sdpMid: '0' },
        socketId: eve.id,
      });
      await nobodyNoticed();
    });
  });

  it('in a flood without acknowledgements are told of once a second, the last one late', async () => {
    const startedAt = performance.now();
    for (let sent = 0; sent < 200; sent += 1) eve.tell('call', { to: sent });
    eve.tell('offer', { to: 'nobody', sdp: 'x'.repeat(65_537) });
    await eventually(() => expect(eve.all('exception').at(-1)?.code).toBe('payload_too_large'));
    const seconds = (performance.now() - startedAt) / 1_000;
    const patterns = eve.all('exception').map(({ cause }) => cause.pattern);
    expect(patterns.at(0)).toBe('call');
    expect(patterns.at(-1)).toBe('offer');
    expect(patterns.length).toBeLessThanOrEqual(1 + Math.ceil(seconds));
    await nobodyNoticed();
  });
});
