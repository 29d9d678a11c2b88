import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { http } from '../support/raw/http.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const TOO_MUCH = 3 * 1024 * 1024;
const CONNECTIONS = 20;
const times = <T>(make: (index: number) => T): T[] =>
  Array.from({ length: CONNECTIONS }, (_, index) => make(index));

/** What a connected client may not say. */
const BROKEN: [what: string, packet: string][] = [
  ['a packet type that Engine.IO does not have', '9'],
  ['no packet at all', ''],
  ['a ping, which is for the server to send', '2'],
  ['half an array', '42['],
  ['half an event', '42["register"'],
  ['a message without a packet', '4'],
  ['a packet type that Socket.IO does not have', '49'],
  ['a packet type that is no number', '4x'],
  ['an object for an array', '42{"0":"register"}'],
  ['a text for an array', '42"register"'],
  ['null for an array', '42null'],
  ['an event that is an object', '42[{}]'],
  ['an event that is null', '42[null]'],
  ['an event without a name', '42[]'],
  ['an event for the library', '42["connect"]'],
  ['a refused connection, which is for the server to send', '44{"message":"no"}'],
  ['an event in a namespace that it never entered', '42/admin,["register","x"]'],
  ['a goodbye to a namespace that it never entered', '41/admin,'],
  ['a second CONNECT', '40'],
  ['a CONNECT with a text', '40"x"'],
  ['an endless number of attachments', '45999999999-["register"]'],
  ['a negative number of attachments', '45-1-["register"]'],
  ['no number of attachments', '45["register"]'],
  ['binary without an announcement', 'bAAAA'],
];

/** What is odd, but breaks no rule: nothing comes of it. */
const ODD: [what: string, packet: string][] = [
  ['an event that is a number', '42[1]'],
  ['an event without even an array', '42'],
  ['an acknowledgement request without an event', '427'],
  ['an event called error', '42["error",{"message":"x"}]'],
  ['an acknowledgement that nobody asked for', '430["x"]'],
  ['an acknowledgement without content', '431'],
  ['an acknowledgement in huge numbers', '439999999999999999999999["x"]'],
  ['a pong that nobody asked for', '3'],
  ['a pong with content', '3probe'],
  ['a noop', '6'],
  ['an upgrade that it did not begin', '5'],
];

describe('hostile frames', () => {
  let server: RunningApp;
  let bystanders: Bystanders;

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    bystanders = await Bystanders.connect(server.url);
  });
  afterEach(async () => {
    await bystanders.alone();
    await bystanders.undisturbed();
    await bystanders.close();
  });

  it.each(TRANSPORTS)(
    'of 3 MB close the connection that sends them, over %s',
    async (transport) => {
      await Promise.all(
        times(async (index) => {
          const eve = await Peer.connect(server.url, {
            transports: [transport],
            reconnection: false,
          });
          await eve.ask('register', 'Eve');
          const to = bystanders.ana.id;
          if (index % 2 === 0) eve.tell('offer', { to, sdp: 'x'.repeat(TOO_MUCH) });
          else eve.tell('offer', { to, sdp: Buffer.alloc(TOO_MUCH) });
          await eventually(() => expect(eve.socket.connected).toBe(false), 10_000);
          await eve.close();
        }),
      );
    },
  );

  it('that only announce a length beyond all bounds close the connection at once', async () => {
    const raws = await Promise.all(times(() => RawSocket.connect(server.url)));
    for (const { raw } of raws) {
      const head = Buffer.alloc(14);
      head.writeUInt16BE(0x81ff);
      head.writeBigUInt64BE(2n ** 40n, 2);
      raw.write(head);
    }
    await Promise.all(raws.map(({ raw }) => raw.isClosed()));
  });

  it('that no WebSocket may send close the connection', async () => {
    const heads = [
      '83800000',
      '81',
      '8f8000000000',
      'c18000000000',
      '090100',
      '80ff',
      '8180',
      '01',
    ];
    await Promise.all(
      heads.map(async (hex) => {
        const { raw } = await RawSocket.connect(server.url);
        raw.say('42["register","Eve"]');
        raw.write(Buffer.from(hex + '00'.repeat(300), 'hex'));
        await raw.isClosed();
      }),
    );
  });

  it.each(BROKEN)('that hold %s close the connection, over WebSocket', async (_, packet) => {
    const raws = await Promise.all(times(() => RawSocket.connect(server.url)));
    for (const { raw } of raws) raw.say('42["register","Eve"]', packet, '42["register","Eve"]');
    await Promise.all(raws.map(({ raw }) => raw.isClosed()));
  });

  it.each(BROKEN)('that hold %s close the connection, over polling', async (_, packet) => {
    await Promise.all(
      times(async () => {
        const { polling } = await RawPolling.connect(server.url);
        const lastPoll = polling.poll();
        await polling.say('42["register","Eve"]', packet, '42["register","Eve"]');
        await lastPoll;
        await eventually(async () => expect((await polling.poll()).status).toBe(400));
      }),
    );
  });

  it.each(ODD)('that hold %s change nothing for the connection', async (_, packet) => {
    const raws = await Promise.all(times(() => RawSocket.connect(server.url)));
    await Promise.all(
      raws.map(async ({ raw }, index) => {
        raw.say(packet, packet, `42${100 + index}["register","Eve"]`);
        await raw.hears(`43${100 + index}[{"ok":true`);
      }),
    );
    await Promise.all(raws.map(({ raw }) => raw.close()));
  });

  it('with attachments announced and never sent do nothing, and close on the next packet', async () => {
    const raws = await Promise.all(times(() => RawSocket.connect(server.url)));
    for (const { raw } of raws) {
      raw.say('451-["register",{"_placeholder":true,"num":0}]');
      raw.say('42["register","Eve"]');
    }
    await Promise.all(raws.map(({ raw }) => raw.isClosed()));
  });

  it('with attachments that are not those announced close the connection', async () => {
    const packets = [
      '451-["register",{"_placeholder":true,"num":5}]',
      '451-["register",{"_placeholder":true,"num":-1}]',
      '451-["register",{"_placeholder":true,"num":"length"}]',
      `451-["register",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
    ];
    for (const packet of packets) {
      const { raw } = await RawSocket.connect(server.url);
      raw.say(packet);
      raw.sayBinary(Buffer.from('Eve'));
      await raw.isClosed();
    }
  });

  it('with an attachment for an event or a name are refused like any other', async () => {
    const { raw } = await RawSocket.connect(server.url);
    raw.say('451-1["register",{"_placeholder":true,"num":0}]');
    raw.sayBinary(Buffer.from('Eve'));
    await raw.hears('431[{"ok":false,"error":{"code":"invalid_payload"');
    raw.say('451-["nobody knows this",{"_placeholder":true,"num":0}]');
    raw.sayBinary(Buffer.from('Eve'));
    await raw.hears('42["exception",{"status":"error","code":"unknown_event"');
    await raw.close();
  });

  it('before the CONNECT close the connection', async () => {
    for (const packet of ['42["register","Eve"]', '41', '430[]', '44', '42/admin,["x"]']) {
      const raws = await Promise.all(times(() => RawSocket.open(server.url)));
      for (const raw of raws) raw.say(packet);
      await Promise.all(raws.map((raw) => raw.isClosed()));
    }
  });

  it('with a CONNECT to a namespace that there is not connect nobody', async () => {
    for (const nowhere of [
      '40/admin,{"token":"x"}',
      '40/__proto__,',
      '40/constructor',
      '40/?a=b,',
    ]) {
      await Promise.all(
        times(async (index) => {
          const raw = await RawSocket.open(server.url);
          const packets = [nowhere, '42["register","Eve"]'];
          raw.say(...(index % 2 === 0 ? packets : packets.toReversed()));
          await raw.isClosed();
          expect(raw.heard.slice(1)).not.toContainEqual(expect.stringContaining('"sid"'));
        }),
      );
    }
  });

  it('with a CONNECT twice in one segment leave one peer, or none', async () => {
    await Promise.all(
      times(async () => {
        const raw = await RawSocket.open(server.url);
        raw.say('40', '40', '40');
        raw.say('42["register","Eve"]');
        await raw.isClosed();
      }),
    );
  });

  it.each([
    ['as every client writes it', '40'],
    ['with the namespace that goes without saying', '40/,'],
    ['with a payload', '40{"protocol":2}'],
  ])(
    'with a CONNECT %s, thousands of times in one payload, connect one peer, or none',
    async (_, connect) => {
      const polling = await RawPolling.open(server.url);
      const poll = polling.hear();
      await polling.say(...Array.from({ length: 5_000 }, () => connect));
      const answers = await poll;
      const lastPoll = polling.hear();
      await polling.say('1');
      answers.push(...(await lastPoll));
      const connected = answers.filter((packet) => packet.startsWith('40'));
      expect(connected.length).toBeLessThanOrEqual(1);
    },
  );

  it('with a goodbye end the connection, which cannot be used for another peer', async () => {
    const { polling } = await RawPolling.connect(server.url);
    const heard = polling.hearToTheEnd();
    await polling.say('41');
    await polling.say('40');
    await polling.say('1');
    expect(await heard).not.toContainEqual(expect.stringMatching(/^40/));
  });

  describe('in HTTP', () => {
    const socketIo = (query: string) => `${server.url}/socket.io/?${query}`;

    it('with a wrong query are refused', async () => {
      const queries = [
        'EIO=3&transport=polling',
        'EIO=&transport=polling',
        'transport=polling',
        'EIO=4',
        'EIO=4&transport=carrier-pigeon',
        'EIO=4&transport=__proto__',
        'EIO=4&transport=webtransport',
        'EIO=4&transport=websocket',
        'EIO=4&transport=polling&transport=websocket',
        'EIO=4&transport=polling&sid=nobody',
        'EIO=4&transport=polling&sid=__proto__',
        'EIO=4&transport=polling&sid=constructor',
        'EIO=4&transport=polling&sid=a&sid=b',
        'EIO=4&transport[]=polling',
        '%',
        '',
      ];
      for (const query of queries) {
        const { status } = await http(socketIo(query));
        expect({ query, status }).toEqual({ query, status: 400 });
        const upgrade = await RawSocket.tcp(server.url);
        upgrade.write(
          `GET /socket.io/?${query.replace('polling', 'websocket').replace('EIO=4&transport=websocket', 'EIO=4&transport=polling')} HTTP/1.1\r\n` +
            'Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n',
        );
        await upgrade.isClosed();
      }
    });

    it('with another method are refused', async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
        const { status } = await http(socketIo('EIO=4&transport=polling'), { method });
        expect({ method, status }).toEqual({ method, status: 400 });
      }
    });

    it('with garbage for a payload close the session', async () => {
      const garbage = [
        '\x1e',
        'x',
        '\x1e\x1e\x1e',
        '4',
        '\u0000',
        'd=42[]',
        '{}',
        '10:42["x"]',
        'é€',
      ];
      for (const body of garbage) {
        const { polling } = await RawPolling.connect(server.url);
        const lastPoll = polling.poll();
        await polling.post(body);
        await lastPoll;
        await eventually(async () => expect((await polling.poll()).status).toBe(400));
      }
    });

    it('of 3 MB are refused, without waiting for what follows', async () => {
      await Promise.all(
        times(async () => {
          const { polling } = await RawPolling.connect(server.url);
          const { status } = await polling
            .post('4'.repeat(TOO_MUCH))
            .catch(() => ({ status: 413 })); // hung up on while still sending
          expect(status).toBe(413);
          await polling.say('1');
        }),
      );
    });

    it('with two polls or two posts at once close the session', async () => {
      const { polling } = await RawPolling.connect(server.url);
      const polls = await Promise.allSettled([polling.poll(), polling.poll(), polling.poll()]);
      expect(polls.some((poll) => poll.status === 'fulfilled' && poll.value.status === 400)).toBe(
        true,
      );
      expect((await polling.poll()).status).toBe(400);
    });

    it('with a binary payload close the session', async () => {
      const { polling } = await RawPolling.connect(server.url);
      const lastPoll = polling.poll();
      const { status } = await polling.post('42["register","Eve"]', {
        'Content-Type': 'application/octet-stream',
      });
      expect(status).toBe(400);
      await lastPoll;
      expect((await polling.poll()).status).toBe(400);
    });

    it('with the id of somebody else gain nothing once that one is on WebSocket', async () => {
      const { sid } = JSON.parse(
        (await http(socketIo('EIO=4&transport=polling'))).body.slice(1),
      ) as { sid: string };
      const upgrade = await RawSocket.tcp(server.url);
      upgrade.write(
        `GET /socket.io/?EIO=4&transport=websocket&sid=${sid.slice(1)}x HTTP/1.1\r\n` +
          'Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
      await upgrade.isClosed();
      expect(upgrade.plain).toContain('400');
      await http(socketIo(`EIO=4&transport=polling&sid=${sid}`), { method: 'POST', body: '1' });
    });
  });
});
