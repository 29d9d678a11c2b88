import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { pingFrames, textFrames } from '../support/raw/frames.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

/** One connection may make the server hold 1 MB and a few copies of it. */
const BOUND_MB = 30;
const ROUNDS = 8;

/** What makes the server answer without anybody else taking part. */
const QUESTIONS: [what: string, bytes: Buffer][] = [
  ['WebSocket pings', pingFrames(40_000)],
  ['CONNECTs to nowhere', textFrames(Array.from({ length: 60_000 }, () => '40/x,'))],
];

/** Left alone, they would keep a timer of Engine.IO beyond the end of the server. */
const sessions: RawPolling[] = [];

describe('hostile answers, asked for and never read,', () => {
  let server: RunningApp;
  let bystanders: Bystanders;
  let before: number;
  const held = () => heldMegabytes() - before;

  beforeAll(async () => {
    // No ping may be what closes a connection here.
    server = await startApp({ PING_INTERVAL_MS: '600000', PING_TIMEOUT_MS: '600000' });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    bystanders = await Bystanders.connect(server.url);
    before = heldMegabytes();
  });
  afterEach(async () => {
    await bystanders.undisturbed();
    await bystanders.close();
    await Promise.all(sessions.splice(0).map((session) => session.say('1')));
  });

  it('of acknowledgements cut off who asked for them', async () => {
    const { polling } = await RawPolling.connect(server.url);
    let asked = 0;
    await eventually(async () => {
      const packets = Array.from({ length: 2_000 }, () => `42${(asked += 1)}["call",{"to":1}]`);
      expect((await polling.say(...packets)).status).toBe(400);
    }, 10_000);
    expect(held()).toBeLessThan(BOUND_MB);
  });

  describe.each([
    ['before the CONNECT', (url: string) => RawSocket.open(url)],
    [
      'beside a polling session that it never takes over',
      async (url: string) => {
        const session = await RawPolling.open(url);
        sessions.push(session);
        const path = `/socket.io/?EIO=4&transport=websocket&sid=${session.sid}`;
        return RawSocket.upgrade(url, path);
      },
    ],
    ['once connected', async (url: string) => (await RawSocket.connect(url)).raw],
  ])('%s', (_, connect) => {
    it.each(QUESTIONS)('to %s do not fill the memory', async (_what, question) => {
      const raw = await connect(server.url);
      raw.stopReading();
      for (let round = 0; round < ROUNDS && !raw.closed; round += 1) {
        await raw.pushes(question);
      }
      const heldThen = held();
      await raw.close();
      expect(heldThen).toBeLessThan(BOUND_MB);
    });
  });
});
