import { AckRequest } from '../../src/delivery/ack-request.js';
import { EncodedReply } from '../../src/delivery/encoded-reply.js';
import { PeerMessenger } from '../../src/delivery/peer-messenger.js';
import { SharedText } from '../../src/delivery/shared-text.js';
import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const CLIENTS = 40;
/** Far beyond what the operating system takes in between, so that it waits in the process. */
const BYTES = 8 * 1024 * 1024;
const MEGABYTES = BYTES / 1024 / 1024;
/** What is shared is there as a text and as bytes; a copy for each client would be 320 MB. */
const SHARED_BOUND_MB = 4 * MEGABYTES;
/** All that may wait for anybody, and the text itself. */
const NODE_BOUND_MB = 64 + 4 * MEGABYTES;

const ignore = (): void => undefined;

describe('large texts that nobody reads', () => {
  let server: RunningApp;
  let messenger: PeerMessenger;
  let bystanders: Bystanders;
  let before: number;
  const clients: { raw: RawSocket; id: string }[] = [];
  let requests = 0;
  const held = () => heldMegabytes() - before;

  beforeEach(async () => {
    // No ping may be what closes a connection here.
    server = await startApp({ PING_INTERVAL_MS: '600000', PING_TIMEOUT_MS: '600000' });
    messenger = server.app.get(PeerMessenger);
    bystanders = await Bystanders.connect(server.url);
    before = heldMegabytes();
  });
  afterEach(async () => {
    await bystanders.undisturbed();
    await Promise.all(clients.splice(0).map(({ raw }) => raw.close()));
    await bystanders.close();
    await server.close();
  });

  const SENT: [what: string, send: (to: string, text: SharedText) => void][] = [
    ['lists', (to, text) => messenger.sendShared(to, text, ignore)],
    [
      'snapshots',
      (to, text) => {
        messenger.acknowledge(to, new AckRequest((requests += 1)), new EncodedReply(text, ignore));
      },
    ],
  ];

  it.each(SENT)('%s over WebSockets are there once for all of them', async (_, send) => {
    for (let i = 0; i < CLIENTS; i += 1) {
      const client = await RawSocket.connect(server.url);
      client.raw.stopReading();
      clients.push(client);
    }
    const text = new SharedText('x'.repeat(BYTES));
    for (const { id } of clients) send(id, text);
    await bystanders.undisturbed();
    expect(held()).toBeLessThan(SHARED_BOUND_MB);
    for (const { id } of clients) expect(messenger.reaches(id)).toBe(true);
  });

  it('of a size that none shares are cut off with who does not read, once all are too much', async () => {
    for (let i = 0; i < CLIENTS; i += 1) {
      const client = await RawSocket.connect(server.url);
      client.raw.stopReading();
      clients.push(client);
      messenger.sendShared(
        client.id,
        new SharedText(`${String(i).padStart(2, '0')}${'x'.repeat(BYTES)}`),
        ignore,
      );
      await bystanders.undisturbed();
    }
    expect(held()).toBeLessThan(NODE_BOUND_MB);
    const reached = clients.map(({ id }) => messenger.reaches(id));
    expect(reached).toContain(true);
    expect(reached.indexOf(true)).toBe(reached.lastIndexOf(false) + 1); // the oldest went first
  });

  it('in answers to polls are bounded, whoever polls again included', async () => {
    const text = new SharedText('x'.repeat(BYTES));
    for (let i = 0; i < CLIENTS; i += 1) {
      const { polling, id } = await RawPolling.connect(server.url);
      for (let poll = 0; poll < 2; poll += 1) {
        const raw = await RawSocket.tcp(server.url);
        raw.stopReading();
        raw.write(`GET ${polling.path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        clients.push({ raw, id });
        messenger.sendShared(id, text, ignore);
        await bystanders.undisturbed();
      }
    }
    expect(held()).toBeLessThan(NODE_BOUND_MB);
    await eventually(() => {
      for (const { id } of clients) expect(messenger.reaches(id)).toBe(false);
    });
  });
});
