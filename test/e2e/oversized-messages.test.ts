import { setTimeout } from 'node:timers/promises';
import { MESSAGE_CUT_BYTES, MESSAGE_MAX_BYTES } from '../../src/protocol/limits.js';
import { type RunningApp, startApp } from '../support/app.js';
import { Peer, type Transport } from '../support/peer.js';
import { frame, OPCODE } from '../support/raw/frames.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const REFUSED = { ok: false, error: { code: 'payload_too_large' } };
/** An event that takes so many bytes on the line. */
const eventOf = (bytes: number, ackId = '1'): string => {
  const [head, tail] = [`42${ackId}["offer",{"to":"x","sdp":"`, '"}]'];
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
};

describe('a message that is too large', () => {
  let server: RunningApp;

  beforeAll(async () => {
    server = await startApp();
  });
  afterAll(() => server.close());

  it.each<Transport>(['websocket', 'polling'])(
    'is refused over %s, and the call goes on',
    async (transport) => {
      const [ana, ben] = await Promise.all(
        ['Ana', 'Ben'].map(async (name) => {
          const options = { transports: [transport], reconnection: false, auth: { protocol: 2 } };
          const peer = await Peer.connect(server.url, options);
          await peer.ask('register', name);
          return peer;
        }),
      );
      if (ana === undefined || ben === undefined) throw new Error('nobody came');
      expect(await ana.ask('call', { to: ben.id })).toMatchObject({ ok: true });
      const sdp = 'x'.repeat(500_000);
      expect(await ben.ask('offer', { to: ana.id, sdp })).toMatchObject(REFUSED);
      ben.tell('offer', { to: ana.id, sdp });
      expect(await ben.next('exception')).toMatchObject({
        code: 'payload_too_large',
        cause: { pattern: 'offer' },
      });
      expect(await ben.ask('offer', { to: ana.id, sdp: 'v=0' })).toMatchObject({ ok: true });
      expect(await ana.next('offer')).toMatchObject({ sdp: 'v=0' });
      await Promise.all([ana.close(), ben.close()]);
    },
  );

  it.each([MESSAGE_MAX_BYTES + 1, MESSAGE_CUT_BYTES - 1])(
    'of %i bytes is refused in whatever pieces it comes',
    async (bytes) => {
      const { raw } = await RawSocket.connect(server.url);
      const message = frame(OPCODE.text, Buffer.from(eventOf(bytes)));
      for (const end of [1, 3, 9, 13, 20, 5_000, message.length]) {
        raw.write(message.subarray(0, end));
        await setTimeout(5);
        raw.write(message.subarray(end));
        await raw.hears('431[{"ok":false,"error":{"code":"payload_too_large"');
        raw.say('427["unwatchPresence"]');
        await raw.hears('437[{"ok":true}]');
        raw.heard.length = 0;
      }
      await raw.close();
    },
  );

  it('is refused when it comes in frames, as browsers cut them', async () => {
    const { raw } = await RawSocket.connect(server.url);
    const [first, second] = [eventOf(300_000).slice(0, 131_072), eventOf(300_000).slice(131_072)];
    raw.write(frame(OPCODE.text, Buffer.from(first), false));
    raw.write(frame(OPCODE.ping, Buffer.from('?')));
    raw.write(frame(OPCODE.continuation, Buffer.from(second)));
    await raw.hears('431[{"ok":false,"error":{"code":"payload_too_large"');
    expect(raw.pongs).toBe(1);
    await raw.close();
  });

  it('of more than a mebibyte ends the connection', async () => {
    const { raw } = await RawSocket.connect(server.url);
    raw.write(frame(OPCODE.text, Buffer.from(eventOf(MESSAGE_CUT_BYTES + 1))));
    await raw.isClosed();
    const { polling } = await RawPolling.connect(server.url);
    expect((await polling.say(eventOf(MESSAGE_CUT_BYTES + 1))).status).toBe(413);
  });

  it('ends a connection that is nobody yet', async () => {
    const raw = await RawSocket.open(server.url);
    raw.say(eventOf(200_000));
    await raw.isClosed();
  });

  it('is refused by its length over polling only if it is one message', async () => {
    const { polling } = await RawPolling.connect(server.url);
    const packets = Array.from({ length: 3 }, () => eventOf(60_000));
    expect((await polling.say(...packets)).status).toBe(413);
  });

  it('is not kept while it comes', async () => {
    const raws = await Promise.all(
      Array.from({ length: 200 }, async () => (await RawSocket.connect(server.url)).raw),
    );
    const message = frame(OPCODE.text, Buffer.from(eventOf(MESSAGE_CUT_BYTES - 1)));
    const unfinished = message.subarray(0, -1);
    const held = heldMegabytes();
    for (const raw of raws) raw.write(unfinished);
    await setTimeout(1_000);
    expect(heldMegabytes() - held).toBeLessThan(50);
    await Promise.all(raws.map((raw) => raw.close()));
  });
});
