import { setTimeout } from 'node:timers/promises';
import { startApp, type RunningApp } from '../support/app.js';
import { Peer } from '../support/peer.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const SDP = 'x'.repeat(64 * 1024);
const STRANGERS = 12;
/** Each may have so many relayed at once: together far beyond what the system takes in between. */
const OFFERS_EACH = 18;
/** 250 kB a second. */
const STEP_MS = 100;
const BYTES_PER_STEP = 25_000;

interface Victim {
  readonly id: string;
  readonly heard: string[];
  /** Lets it read to the end, as fast as it can. */
  catchUp(): Promise<void>;
  close(): Promise<unknown>;
}

/** Takes what its line carries, and no more. */
async function onASlowLine(url: string): Promise<Victim> {
  const { raw, id } = await RawSocket.connect(url);
  raw.readAtMost(BYTES_PER_STEP, STEP_MS);
  const { heard } = raw;
  return {
    id,
    heard,
    catchUp: async () => {
      raw.resumeReading();
      raw.say('4299["endCall",{"to":null}]');
      await raw.hears('4399[');
    },
    close: () => raw.close(),
  };
}

/** Comes for what waits every now and then. */
async function pollingNowAndThen(url: string): Promise<Victim> {
  const { polling, id } = await RawPolling.connect(url);
  const heard: string[] = [];
  let polls = true;
  const poll = async (): Promise<void> => {
    while (polls) {
      await setTimeout(STEP_MS);
      const packets = await polling.hear();
      if (packets.length === 0) return;
      heard.push(...packets);
    }
  };
  const polled = poll();
  return {
    id,
    heard,
    catchUp: async () => {
      polls = false;
      await polling.say('4299["endCall",{"to":null}]');
      await polled;
      if (!heard.some((packet) => packet.startsWith('4399[')))
        heard.push(...(await polling.hear()));
    },
    close: () => polling.say('1'),
  };
}

describe('a slow reader whom strangers send more than its line carries', () => {
  let server: RunningApp;
  const strangers: Peer[] = [];

  beforeAll(async () => {
    server = await startApp({ RATE_LIMITS: 'on' });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    strangers.push(
      ...(await Promise.all(
        Array.from({ length: STRANGERS }, () => Peer.connect(server.url, { reconnection: false })),
      )),
    );
  });
  afterEach(() => Promise.all(strangers.splice(0).map((stranger) => stranger.close())));

  it.each([
    ['over a WebSocket', onASlowLine],
    ['with long-polling', pollingNowAndThen],
  ])('%s keeps its line and gets all that was accepted; they are refused', async (_, come) => {
    const victim = await come(server.url);
    const replies = await Promise.all(
      strangers.flatMap((stranger, who) =>
        Array.from({ length: OFFERS_EACH }, (_, i) => {
          const sdp = `${who} ${i} ${SDP}`.slice(0, SDP.length);
          return stranger.ask('offer', { to: victim.id, sdp });
        }),
      ),
    );
    const accepted = replies.filter(({ ok }) => ok).length;
    const refused = replies.flatMap((reply) => (reply.ok ? [] : [reply.error]));
    expect(refused.length).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_000 });
    }

    await victim.catchUp();
    const offers = victim.heard.filter((packet) => packet.startsWith('42["offer"'));
    expect(new Set(offers).size).toBe(accepted);
    expect(offers).toHaveLength(accepted);
    for (const { socket } of strangers) expect(socket.connected).toBe(true);
    expect(await strangers[0]?.ask('call', { to: victim.id })).toMatchObject({ ok: true });
    await victim.close();
  });

  it('is not sent without an end by one of them alone', async () => {
    const reader = await Peer.connect(server.url, { reconnection: false });
    const stranger = await Peer.connect(server.url, { reconnection: false });
    strangers.push(stranger);
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => stranger.ask('offer', { to: reader.id, sdp: SDP })),
    );
    expect(replies.filter(({ ok }) => ok)).toHaveLength(20);
    const candidate = { candidate: 'x'.repeat(4 * 1024), sdpMid: '0' };
    expect(await stranger.ask('candidate', { to: reader.id, candidate })).toMatchObject({
      error: { code: 'rate_limited' },
    });
    await reader.close();
  });
});
