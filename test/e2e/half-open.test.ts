import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Bystanders } from '../support/raw/bystanders.js';
import { openConnections } from '../support/raw/connections.js';
import { heldMegabytes } from '../support/raw/memory.js';
import { RawPolling } from '../support/raw/polling.js';
import { RawSocket } from '../support/raw/socket.js';

const BATCH = 100;
const WARM_UP = 100;
/** The handshake may take 10 s, and whoever watches over it looks once a second. */
const WITHIN_MS = 15_000;
/** As many connections that leave 3 KB each would be more. */
const BOUND_MB = 4;

describe('fifteen hundred half-open connections', () => {
  let server: RunningApp;
  let bystanders: Bystanders;

  beforeAll(async () => {
    // No ping may be what closes a connection here.
    server = await startApp({
      RATE_LIMITS: 'on',
      PING_INTERVAL_MS: '60000',
      PING_TIMEOUT_MS: '60000',
    });
    bystanders = await Bystanders.connect(server.url);
  });
  afterAll(async () => {
    await bystanders.close();
    await server.close();
  });

  const open = async <T>(count: number, one: (url: string) => Promise<T>): Promise<T[]> => {
    const opened: T[] = [];
    for (let start = 0; start < count; start += BATCH) {
      opened.push(...(await Promise.all(Array.from({ length: BATCH }, () => one(server.url)))));
    }
    return opened;
  };

  /** In a function of its own, so that nothing here holds on to any of them. */
  const comeAndWait = async (): Promise<void> => {
    // First, so that their time is up once it is up for the others.
    const polling = await open(400, (url) => RawPolling.open(url));
    const tcp = await open(700, (url) => RawSocket.tcp(url));
    const webSockets = await open(400, (url) => RawSocket.open(url));
    const halfOpen = () => [...tcp, ...webSockets].filter(({ closed }) => !closed).length;
    expect(halfOpen()).toBe(1_100);
    await bystanders.undisturbed();
    await eventually(() => expect(halfOpen()).toBe(0), WITHIN_MS);
    const heard = [...tcp, ...webSockets].flatMap((raw) => raw.heard);
    expect(heard.filter((packet) => !packet.startsWith('0{'))).toEqual([]);
    for (let start = 0; start < polling.length; start += BATCH) {
      const batch = polling.slice(start, start + BATCH);
      // A session over polling has no connection of its own: it hears its end when it asks, and
      // is nobody if it then says who it is.
      const heardLate = await Promise.all(
        batch.map(async (each) => {
          await each.say('40');
          return each.hearToTheEnd();
        }),
      );
      expect(heardLate.flat().filter((packet) => packet.startsWith('4'))).toEqual([]);
    }
  };

  it('disturb nobody, are gone after the handshake timeout, and leave no memory', async () => {
    // What is made on first use is there after these.
    const early = await open(WARM_UP, (url) => RawSocket.open(url));
    await Promise.all(early.splice(0).map((raw) => raw.close()));
    await bystanders.undisturbed();
    const before = { held: heldMegabytes(), connections: await openConnections(server) };

    await comeAndWait();
    await bystanders.undisturbed();
    await bystanders.alone();
    await eventually(async () => {
      expect(await openConnections(server)).toBeLessThanOrEqual(before.connections);
    });
    expect(heldMegabytes() - before.held).toBeLessThan(BOUND_MB);
  }, 30_000);
});
