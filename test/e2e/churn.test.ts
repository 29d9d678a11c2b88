import { CallRegistry } from '../../src/calls/call-registry.js';
import { type RunningApp, startApp } from '../support/app.js';
import { callIdOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { census } from '../support/raw/census.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { Peer } from '../support/peer.js';

const WARM_UP_PAIRS = 400;
/** As many as come in an honest hour. */
const PAIRS = 1_500;
const AT_ONCE = 25;
const POLLING_EVERY = 10;
const CANDIDATES = 5;
const LEAVINGS = ['hangs up', 'says goodbye', 'is gone'] as const;

describe('an hour of honest traffic', () => {
  let server: RunningApp;
  let bystanders: Bystanders;

  beforeAll(async () => {
    // Off, because what here takes seconds would take an hour, within any budget.
    server = await startApp({ RATE_LIMITS: 'off' });
    bystanders = await Bystanders.connect(server.url);
  });
  afterAll(async () => {
    await bystanders.close();
    await server.close();
  });

  /** Two come, register, look who is on, talk, and leave. */
  const visit = async (index: number): Promise<void> => {
    const polls = index % POLLING_EVERY === 0;
    const transports = [polls ? 'polling' : 'websocket'];
    const auth = index % 2 === 0 ? {} : { protocol: 2 };
    const [ana, ben] = await Promise.all([
      Peer.connect(server.url, { transports, auth, reconnection: false }),
      Peer.connect(server.url, { reconnection: false }),
    ]);
    for (const peer of [ana, ben]) {
      peer.tell('register', `visitor ${index}`);
      peer.tell('getOnlineUsers');
    }
    const callId = callIdOf(await ana.ask('call', { to: ben.id }));
    await ben.ask('offer', { to: ana.id, sdp: 'x'.repeat(3_000) });
    await ana.ask('answer', { to: ben.id, sdp: 'x'.repeat(3_000) });
    const candidate = { candidate: 'x'.repeat(200), sdpMid: '0' };
    for (let i = 0; i < CANDIDATES; i += 1) ana.tell('candidate', { to: ben.id, candidate });
    for (const peer of [ana, ben]) {
      expect(await peer.ask('candidate', { callId, candidate: null })).toEqual({
        ok: true,
        callId,
      });
    }
    await ana.next('onlineUsers');
    // Engine.IO waits half a minute for the next poll of one who says goodbye over polling.
    const leaving = polls ? 'is gone' : LEAVINGS[index % LEAVINGS.length];
    if (leaving === 'hangs up') await ben.ask('endCall', { to: ana.id });
    if (leaving === 'is gone') ana.socket.io.engine.close();
    await Promise.all([ana.close(), ben.close()]);
    expect([...ana.all('exception'), ...ben.all('exception')]).toEqual([]);
  };

  const visits = async (count: number): Promise<void> => {
    for (let start = 0; start < count; start += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => visit(start + index)));
    }
    await bystanders.alone();
    expect(server.app.get(CallRegistry).size).toBe(0);
  };

  it('is 3,000 visits and 1,500 calls, and leaves the memory flat', async () => {
    await visits(WARM_UP_PAIRS); // what is made on first use is there after these
    await bystanders.undisturbed();
    // What waited for those who are gone is given back a second later.
    await eventually(() => expect(census(server)).toMatchObject({ 'Backlogs.behind': 0 }));
    const before = { held: heldMegabytes(), kept: census(server) };
    await visits(PAIRS);
    await bystanders.undisturbed();
    await eventually(() => expect(census(server)).toEqual(before.kept), 15_000);
    const held = heldMegabytes();
    expect(held / before.held).toBeLessThan(1.05);
  }, 60_000);
});
