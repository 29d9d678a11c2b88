import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Peer, TRANSPORTS } from '../support/peer.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { census } from '../support/raw/census.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { RawSocket } from '../support/raw/socket.js';

const BOUND_MB = 15;
const BYSTANDERS = 2;
const LONG_NAME = '👩'.repeat(64);

/** What no event takes, one of each kind. */
const BAD = [
  '42["register",{}]',
  '42["register",""]',
  '42["call",null]',
  '42["call",{"to":["a"]}]',
  '42["call",{"to":"nobody"}]',
  '42["offer",{"to":"nobody","sdp":"v=0"}]',
  '42["candidate",{"to":"nobody"}]',
  '42["endCall",{"to":null}]',
  '42["nobody knows this","x"]',
  '427["answer",[]]',
];

describe('hostile floods', () => {
  let server: RunningApp;
  let bystanders: Bystanders;
  let atStart: Record<string, number>;

  beforeAll(async () => {
    server = await startApp();
    atStart = census(server);
    bystanders = await Bystanders.connect(server.url);
  });
  afterAll(async () => {
    await bystanders.close();
    await server.close();
  });

  /** Nothing in the service remembers more than the two who are still there. */
  const expectNothingKept = async (): Promise<void> => {
    await bystanders.alone();
    await eventually(() => {
      const grown = Object.entries(census(server)).filter(
        ([field, size]) => size > Math.max(atStart[field] ?? 0, BYSTANDERS),
      );
      expect(grown).toEqual([]);
    });
    await bystanders.undisturbed();
  };
  const inBatches = async (total: number, size: number, act: (index: number) => Promise<void>) => {
    for (let start = 0; start < total; start += size) {
      await Promise.all(Array.from({ length: size }, (_, index) => act(start + index)));
    }
  };

  /** Comes, does all that makes a server remember something, and goes, in one way or another. */
  const visit = async (index: number): Promise<void> => {
    const { raw } = await RawSocket.connect(server.url);
    raw.say(
      `42${JSON.stringify(['register', LONG_NAME])}`,
      '42["getOnlineUsers"]',
      '420["call",{"to":"nobody"}]',
      '42["call",{"to":"nobody"}]',
      '42["offer",{"to":"nobody","sdp":{"type":"offer","sdp":"v=0"}}]',
    );
    await raw.hears('430');
    if (index % 4 === 0) raw.say('41');
    if (index % 4 === 1) raw.say('1');
    if (index % 4 === 2) raw.say('42[');
    await raw.close();
  };

  it('of 2,000 visits leave nobody in the list and nothing in the memory', async () => {
    await inBatches(500, 50, visit); // what is made on first use is there after these
    await expectNothingKept();
    const held = heldMegabytes();
    await inBatches(1_500, 50, visit);
    await expectNothingKept();
    expect(heldMegabytes() - held).toBeLessThan(BOUND_MB);
  });

  it.each(TRANSPORTS)('of honest visits leave nothing either, over %s', async (transport) => {
    await inBatches(120, 20, async () => {
      const [caller, callee] = await Promise.all(
        [0, 1].map(() => Peer.connect(server.url, { transports: [transport] })),
      );
      if (caller === undefined || callee === undefined) throw new Error('not connected');
      await caller.ask('register', LONG_NAME);
      await callee.ask('getOnlineUsers');
      await caller.ask('call', { to: callee.id });
      await callee.ask('offer', { to: caller.id, sdp: 'v=0' });
      await Promise.all([caller.close(), callee.close()]);
    });
    await expectNothingKept();
  });

  it('of 20,000 bad messages leave nothing in the memory', async () => {
    const held = heldMegabytes();
    await inBatches(20, 10, async () => {
      const { raw } = await RawSocket.connect(server.url);
      raw.say(...Array.from({ length: 100 }, () => BAD).flat(), '429["register","Eve"]');
      await raw.hears('439[{"ok":true');
      await raw.close();
    });
    await expectNothingKept();
    expect(heldMegabytes() - held).toBeLessThan(BOUND_MB);
  });

  it('of connections that say nothing leave nothing', async () => {
    await inBatches(500, 50, async (index) => {
      const raw = await (index % 2 === 0 ? RawSocket.tcp(server.url) : RawSocket.open(server.url));
      await raw.close();
    });
    await expectNothingKept();
  });
});
