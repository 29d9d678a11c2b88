import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { startPrefixProxy } from '../support/prefix-proxy.js';
import { ensureBuilt, freePort, ServiceProcess } from '../support/process.js';

const PATIENCE_MS = 30_000;

describe('requests of sessions that are not here', () => {
  const nodes: ServiceProcess[] = [];
  let urls: [string, string];

  beforeAll(ensureBuilt, PATIENCE_MS);
  beforeEach(async () => {
    for (const PORT of [String(await freePort()), String(await freePort())]) {
      nodes.push(ServiceProcess.start({ PORT, LOG_FORMAT: 'json' }));
    }
    urls = (await Promise.all(nodes.map((node) => node.listening()))) as [string, string];
  }, PATIENCE_MS);
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.kill()));
  });

  const lines = () =>
    nodes
      .flatMap((node) => node.logLines())
      .map(({ message }) => message as unknown as { event?: string; hint?: string })
      .filter(({ event }) => event === 'unknown sessions');

  async function counted(): Promise<number> {
    const texts = await Promise.all(
      urls.map(async (url) => (await fetch(`${url}/metrics`)).text()),
    );
    return texts
      .map((text) => /^switchboard_unknown_sessions_total (\d+)$/m.exec(text)?.[1])
      .reduce((sum, count) => sum + Number(count), 0);
  }

  it('are noticed where a balancer spreads a client over two nodes', async () => {
    let requests = 0;
    const balancer = await startPrefixProxy(() => urls[requests++ % 2 === 0 ? 0 : 1], '');
    const client = Peer.connecting(balancer.url, {
      transports: ['polling'],
      reconnectionDelay: 100,
    });
    try {
      await new Promise((resolve) => client.socket.once('connect_error', resolve));
      await eventually(() => expect(lines().length).toBeGreaterThan(0));
      expect(lines()[0]).toMatchObject({ hint: expect.stringContaining('balancer') as string });
      await eventually(async () => expect(await counted()).toBeGreaterThan(0));
    } finally {
      await client.close();
      balancer.close();
    }
  });

  it('are one line in the log, however many', async () => {
    const [url] = urls;
    const path = '/socket.io/?EIO=4&transport=polling&sid=nobody';
    for (let number = 0; number < 60; number += 1) {
      const answer = await fetch(`${url}${path}`);
      expect([answer.status, await answer.text()]).toEqual([
        400,
        '{"code":1,"message":"Session ID unknown"}',
      ]);
    }
    await eventually(async () => expect(await counted()).toBe(60), PATIENCE_MS);
    expect(lines()).toHaveLength(1);
  });

  it('are none where a client stays on its node', async () => {
    const [url] = urls;
    const client = await Peer.connect(url, { transports: ['polling'] });
    try {
      await client.settled();
      expect(await counted()).toBe(0);
      expect(lines()).toEqual([]);
    } finally {
      await client.close();
    }
  });
});
