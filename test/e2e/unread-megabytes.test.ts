import { Peer } from '../support/peer.js';
import { ensureBuilt, ServiceProcess } from '../support/process.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const BYTES_PER_MB = 1024 * 1024;
const BOUND_MB = 20;
const SDP = 'x'.repeat(60_000);
/** With limits a connection may send 20 offers at once: so it takes many who send. */
const SENDERS = 40;
const OFFERS_EACH = 20;
/** Little enough for somebody who reads. */
const AT_ONCE = 10;

interface Victim {
  id: string;
  close(): Promise<unknown>;
}

/** They say hello, and never read again. */
const VICTIMS: Record<string, (url: string) => Promise<Victim>> = {
  'a WebSocket': async (url) => {
    const { raw, id } = await RawSocket.connect(url);
    raw.stopReading();
    return { id, close: () => raw.close() };
  },
  'long-polling': async (url) => {
    const { polling, id } = await RawPolling.connect(url);
    return { id, close: () => polling.say('1') };
  },
};

describe.each(['on', 'off'])('with RATE_LIMITS=%s', (limits) => {
  let service: ServiceProcess;
  let url: string;
  const senders: Peer[] = [];

  beforeAll(ensureBuilt, 60_000);
  beforeEach(async () => {
    service = ServiceProcess.start({
      PORT: '0',
      RATE_LIMITS: limits,
      // No ping may be what closes a connection here.
      PING_INTERVAL_MS: '600000',
      PING_TIMEOUT_MS: '600000',
    });
    url = await service.listening();
  });
  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.close()));
    await service.kill();
  });

  const residentMegabytes = async (): Promise<number> => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const [, bytes] = /^process_resident_memory_bytes (\d+)$/m.exec(metrics) ?? [];
    return Number(bytes) / BYTES_PER_MB;
  };

  /** 48 MB from connections that come for it: @returns how many messages were relayed. */
  const bombard = async (victim: string): Promise<number> => {
    const came = await Promise.all(
      Array.from({ length: SENDERS }, () => Peer.connect(url, { reconnection: false })),
    );
    senders.push(...came);
    const replies: Awaited<ReturnType<Peer['ask']>>[] = [];
    const offers = came.flatMap((sender) => Array<Peer>(OFFERS_EACH).fill(sender));
    while (offers.length > 0) {
      const wave = offers.splice(0, AT_ONCE);
      replies.push(
        ...(await Promise.all(wave.map((each) => each.ask('offer', { to: victim, sdp: SDP })))),
      );
    }
    const refused = replies.flatMap((reply) => (reply.ok ? [] : [reply.error.code]));
    expect(new Set(refused)).toEqual(new Set(refused.length > 0 ? ['rate_limited'] : []));
    return replies.length - refused.length;
  };

  it.each(Object.entries(VICTIMS))(
    '48 MB for somebody who does not read %s make the process grow by less than 20 MB',
    async (_, come) => {
      // To somebody who reads, so that what a relay of that much makes once is there.
      const reader = await Peer.connect(url, { reconnection: false });
      senders.push(reader);
      for (let round = 0; round < 2; round += 1) {
        expect(await bombard(reader.id)).toBe(SENDERS * OFFERS_EACH);
      }
      const before = await residentMegabytes();

      const victim = await come(url);
      const seen: number[] = [];
      let over = false;
      const watch = async (): Promise<void> => {
        while (!over) seen.push(await residentMegabytes());
      };
      const watching = watch();
      const relayed = await bombard(victim.id);
      over = true;
      await watching;
      seen.push(await residentMegabytes());

      expect(relayed).toBeLessThan(SENDERS * OFFERS_EACH);
      expect(Math.max(...seen) - before).toBeLessThan(BOUND_MB);
      expect(await reader.ask('call', { to: victim.id })).toMatchObject({
        error: { code: 'rate_limited', retryAfterMs: 1_000 },
      });
      await victim.close();
    },
    40_000,
  );
});
