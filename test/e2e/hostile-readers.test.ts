import { setTimeout } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { RELAY_BACKLOG_MAX_BYTES, UNREAD_MAX_MS } from '../../src/protocol/limits.js';
import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { laterBy } from '../support/later.js';
import { Peer } from '../support/peer.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { openConnections } from '../support/raw/connections.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

/** One connection may make the server hold 1 MB and a few copies of it. */
const BOUND_MB = 40;
const SDP = 'x'.repeat(60_000);
/** Far beyond what the operating system takes in between the two. */
const MANY_OFFERS = 1_000;
const NAMES = 150;
/** As many bytes as a name can have. */
const LONG_NAME = '👩'.repeat(64);

const congested = {
  ok: false,
  error: { code: 'rate_limited', message: expect.any(String) as unknown, retryAfterMs: 1_000 },
};
const offers = (packets: string[]) => packets.filter((packet) => packet.startsWith('42["offer"'));
const unavailable = {
  ok: false,
  error: { code: 'unavailable', message: expect.any(String) as unknown },
};
describe('hostile readers', () => {
  let server: RunningApp;
  let bystanders: Bystanders;
  let sender: Peer;
  let before: number;
  const held = () => heldMegabytes() - before;

  beforeAll(async () => {
    // No ping may be what closes a connection here.
    server = await startApp({ PING_INTERVAL_MS: '600000', PING_TIMEOUT_MS: '600000' });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    bystanders = await Bystanders.connect(server.url);
    sender = await Peer.connect(server.url, { reconnection: false });
    before = heldMegabytes();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await bystanders.undisturbed();
    await Promise.all([bystanders.close(), sender.close()]);
  });

  /** How many messages it takes until the sender is told that too much waits for the recipient. */
  const pushUntilRefused = async (event: string, message: object): Promise<number> => {
    for (let sent = 0; sent < MANY_OFFERS; sent += 1) {
      const reply = await sender.ask(event, message);
      if (reply.ok) continue;
      expect(reply).toEqual(congested);
      return sent;
    }
    throw new Error('never refused');
  };

  it('cost their senders an answer and the server little, until they are cut off, and are nobody from then on', async () => {
    const honest = await openConnections(server);
    const { raw, id } = await RawSocket.connect(server.url);
    raw.say('42["register","Victim"]');
    raw.stopReading();
    const { polling, id: pollingId } = await RawPolling.connect(server.url);
    await polling.say('42["register","Another"]');
    for (const to of [id, pollingId]) {
      await pushUntilRefused('offer', { to, sdp: SDP });
      expect(await sender.ask('offer', { to, sdp: SDP })).toEqual(congested);
      expect(await sender.ask('candidate', { to, candidate: null })).toEqual(congested);
      expect(await sender.ask('call', { to })).toEqual(congested);
    }
    expect(held()).toBeLessThan(BOUND_MB);

    const leavesLying = await RawPolling.connect(server.url);
    await leavesLying.polling.say('42["getOnlineUsers"]');
    // The server looks once a second at what was taken, and from then on counts the time.
    await setTimeout(2_000);
    laterBy(UNREAD_MAX_MS);
    for (const to of [id, pollingId, leavesLying.id]) {
      await eventually(async () => expect(await sender.ask('call', { to })).toEqual(unavailable));
    }
    await bystanders.alone();
    await bystanders.undisturbed();
    await eventually(async () => expect(await openConnections(server)).toBeLessThanOrEqual(honest));
    raw.resumeReading();
    await raw.isClosed();
    for (const each of [polling, leavesLying.polling]) expect((await each.poll()).status).toBe(400);
  });

  it('that poll after a while have lost nothing of what was accepted', async () => {
    const { polling, id } = await RawPolling.connect(server.url);
    const sent = await pushUntilRefused('offer', { to: id, sdp: SDP });
    expect(sent * SDP.length).toBeGreaterThan(RELAY_BACKLOG_MAX_BYTES - 2 * SDP.length);
    expect(sent * SDP.length).toBeLessThan(RELAY_BACKLOG_MAX_BYTES + SDP.length);
    expect(offers(await polling.hear())).toHaveLength(sent);
    expect(await sender.ask('offer', { to: id, sdp: SDP })).toMatchObject({ ok: true });
    expect(offers(await polling.hear())).toHaveLength(1);
    await polling.say('1');
  });

  describe('of presence lists', () => {
    const crowd: Peer[] = [];

    beforeEach(async () => {
      const joined = await Promise.all(
        Array.from({ length: NAMES }, async () => {
          const peer = await Peer.connect(server.url, { reconnection: false });
          await peer.ask('register', LONG_NAME);
          return peer;
        }),
      );
      crowd.push(...joined);
      before = heldMegabytes();
    });
    afterEach(() => Promise.all(crowd.splice(0).map((peer) => peer.close())));

    const asks = Array.from({ length: 3_000 }, () => '42["getOnlineUsers"]');
    const lists = (packets: string[]) =>
      packets.filter((packet) => packet.includes('["onlineUsers",'));

    it('have one waiting for them at most, and the present one once they poll', async () => {
      const { polling } = await RawPolling.connect(server.url);
      expect((await polling.say(...asks)).status).toBe(200);
      await sender.settled();
      expect(held()).toBeLessThan(BOUND_MB);
      await sender.ask('register', 'Latecomer');
      await polling.say('42["getOnlineUsers"]');
      let heard = await polling.hear();
      expect(lists(heard)).toHaveLength(1);
      while (!lists(heard).some((list) => list.includes('Latecomer'))) {
        heard = await polling.hear();
        expect(lists(heard).length).toBeLessThanOrEqual(1);
        expect(heard).not.toEqual([]);
      }
      await polling.say('1');
    });

    it('have a bounded share of memory, and the present one once they read', async () => {
      const { raw } = await RawSocket.connect(server.url);
      raw.stopReading();
      raw.say(...asks);
      await bystanders.undisturbed();
      await sender.ask('register', 'Latecomer');
      raw.say('42["getOnlineUsers"]');
      await bystanders.undisturbed();
      expect(held()).toBeLessThan(BOUND_MB);
      raw.resumeReading();
      await eventually(() => expect(lists(raw.heard).at(-1)).toContain('Latecomer'));
      await raw.close();
    });
  });
});
