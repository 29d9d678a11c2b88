import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';
import { ensureBuilt, freePort, NODE, ServiceProcess } from '../support/process.js';

const PATIENCE_MS = 30_000;

/** A balancer that is not sticky: one request to each node in turn, whoever it is from. */
async function balancer(...nodes: readonly string[]): Promise<Server> {
  let turn = 0;
  const server = createServer((request, response) => {
    const node = new URL(nodes[turn++ % nodes.length] ?? '');
    const { method, url: path, headers } = request;
    const onward = httpRequest({ host: node.hostname, port: node.port, method, path, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('requests of sessions that are not here', () => {
  const nodes: ServiceProcess[] = [];
  let urls: string[];

  beforeAll(ensureBuilt, PATIENCE_MS);
  beforeEach(async () => {
    for (const PORT of [String(await freePort()), String(await freePort())]) {
      nodes.push(ServiceProcess.start({ PORT, LOG_FORMAT: 'json' }, NODE));
    }
    urls = await Promise.all(nodes.map((node) => node.listening()));
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
    const proxy = await balancer(...urls);
    const { port } = proxy.address() as AddressInfo;
    const client = Peer.connecting(`http://127.0.0.1:${port}`, {
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
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it('are one line in the log, however many', async () => {
    const [url = ''] = urls;
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
    const [url = ''] = urls;
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
