import { type FileHandle, open } from 'node:fs/promises';
import { eventually } from '../support/eventually.js';
import { FAILING_HANDLER } from '../support/failing-handler.js';
import { Peer } from '../support/peer.js';
import { ensureBuilt, freePort, NODE, ServiceProcess } from '../support/process.js';

const FAILING = ['node', '--import', FAILING_HANDLER, 'dist/main.js'] as const;

/** Every write to it fails with ENOSPC. */
let fullDisk: FileHandle;
let service: ServiceProcess | undefined;

beforeAll(async () => {
  await ensureBuilt();
  fullDisk = await open('/dev/full', 'w');
}, 60_000);
afterAll(() => fullDisk.close());
afterEach(() => service?.kill());

/** What a log line on each of the two streams comes of: a fault of ours, and a peer that leaves. */
async function fillsTheLog(url: string): Promise<void> {
  const ana = await Peer.connect(url);
  for (let i = 0; i < 3; i += 1) {
    expect(await ana.ask('ringing', { callId: 'fail' })).toMatchObject({
      error: { code: 'internal_error' },
    });
  }
  await ana.close();
}

async function isUpAt(url: string): Promise<void> {
  await eventually(async () => {
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  }, 30_000);
}

async function goesOn(url: string, running: ServiceProcess): Promise<void> {
  for (let i = 0; i < 3; i += 1) await fillsTheLog(url);
  await isUpAt(url);
  running.signal('SIGTERM');
  expect(await running.exitCode()).toBe(0);
}

describe.each(['json', 'pretty'])('a %s log that cannot be written', (LOG_FORMAT) => {
  it.each(['stderr', 'stdout', 'both'])(
    'ends nothing when the disk of %s is full',
    async (which) => {
      const port = await freePort();
      const output = (stream: string) =>
        which === stream || which === 'both' ? fullDisk.fd : 'pipe';
      service = ServiceProcess.start({ PORT: String(port), LOG_FORMAT }, FAILING, [
        output('stdout'),
        output('stderr'),
      ]);
      const url = `http://127.0.0.1:${port}`;
      await isUpAt(url);
      await goesOn(url, service);
    },
    60_000,
  );
});

it('a log whose reader is gone ends nothing', async () => {
  service = ServiceProcess.start({ PORT: '0', LOG_FORMAT: 'json' }, FAILING);
  const url = await service.listening();
  service.stopReading();
  await goesOn(url, service);
}, 60_000);

it('a service that cannot start says so by its exit code, if by nothing else', async () => {
  service = ServiceProcess.start({ PORT: '70000' }, NODE, [fullDisk.fd, fullDisk.fd]);
  expect(await service.exitCode()).toBe(1);
});
