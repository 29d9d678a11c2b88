import { heard, PHASES, REACH, Stage, VERSIONS } from '../support/calls.js';
import { ManualClock } from '../support/manual-clock.js';
import { type Peer, TRANSPORTS } from '../support/peer.js';

const DRAINS = TRANSPORTS.flatMap((transport) =>
  [0, 1].map((drainSeconds) => ({ transport, drainSeconds })),
);

describe.each(DRAINS)(
  'a server that stops in $drainSeconds s, over $transport,',
  ({ transport, drainSeconds }) => {
    let stage: Stage;
    /** Why the connection of each client was closed, as the client sees it. */
    let closings: Map<Peer, string>;

    beforeEach(async () => {
      closings = new Map();
      const environment = { DRAIN_SECONDS: String(drainSeconds) };
      stage = new Stage(environment, new ManualClock(), transport);
      await stage.open();
    });

    async function stop(...peers: Peer[]): Promise<void> {
      for (const peer of peers) peer.socket.on('disconnect', (why) => closings.set(peer, why));
      await stage.close();
      await stage.deserted();
      await stage.clear();
    }

    /** What was said before the connection closed, apart from how long to stay away. */
    function heardBut(peer: Peer): unknown[][] {
      return heard(peer).map((said) => (said[0] === 'draining' ? ['draining'] : said));
    }

    it('tells both sides of every call once that it is over', async () => {
      const calls = await Promise.all(
        PHASES.map(async (phase) => {
          const [ana, ben] = await stage.enter(...VERSIONS);
          return { ana, ben, callId: await REACH[phase](ana, ben) };
        }),
      );
      await stop(...calls.flatMap(({ ana, ben }) => [ana, ben]));
      for (const { ana, ben, callId } of calls) {
        const end = ['endCall', { callId, reason: 'shutdown' }];
        expect(heard(ana)).toEqual([end]);
        expect(heardBut(ben)).toEqual([end, ['draining']]);
      }
    });

    it('tells clients of protocol 2, and nobody else, when to come back', async () => {
      const [ana, ben, carl, dora] = await stage.enter(...VERSIONS, ...VERSIONS);
      await stop(ana, ben, carl, dora);
      expect([ana, ben, carl, dora].map(heardBut)).toEqual([
        [],
        [['draining']],
        [],
        [['draining']],
      ]);
      for (const { reconnectAfterMs } of [...ben.all('draining'), ...dora.all('draining')]) {
        expect(Number.isInteger(reconnectAfterMs)).toBe(true);
        expect(reconnectAfterMs).toBeGreaterThanOrEqual(0);
        expect(reconnectAfterMs).toBeLessThanOrEqual(drainSeconds * 1_000);
      }
    });

    it('closes the transport alone, so that stock clients come back', async () => {
      const peers = await stage.enter(...VERSIONS);
      await stop(...peers);
      expect(peers.map((peer) => closings.get(peer))).toEqual([
        'transport close',
        'transport close',
      ]);
    });
  },
);
