import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { NPM_START, ServiceProcess, ensureBuilt } from '../support/process.js';

describe('a service that cannot start as it is set up', () => {
  let service: ServiceProcess;

  beforeAll(ensureBuilt, 60_000);
  afterEach(() => service.kill());

  it('exits with 1 and names every bad setting, with what was expected, on stderr', async () => {
    service = ServiceProcess.start({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml',
      CORS_ORIGINS: 'a.example',
      DEMO: 'maybe',
      PING_INTERVAL_MS: '10s',
      DRAIN_SECONDS: '-1',
    });

    expect(await service.exitCode()).toBe(1);
    expect(service.stderr).toMatch(/PORT must be .*0 to 65535/);
    expect(service.stderr).toMatch(/LOG_LEVEL must be .*warn/);
    expect(service.stderr).toMatch(/LOG_FORMAT must be .*pretty/);
    expect(service.stderr).toMatch(/CORS_ORIGINS must be .*https:/);
    expect(service.stderr).toMatch(/DEMO must be on or off/);
    expect(service.stderr).toMatch(/PING_INTERVAL_MS must be a whole number/);
    expect(service.stderr).toMatch(/DRAIN_SECONDS must be a whole number/);
    expect(service.stderr).not.toMatch(/^\s+at /m); // no stack: nothing is wrong with the code
  });

  it('never listens', async () => {
    service = ServiceProcess.start({ PORT: '0', DEMO: 'maybe' });
    expect(await service.exitCode()).toBe(1);
    expect(service.stdout).not.toContain('listening on');
  });

  it('exits with 1 and says so when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    service = ServiceProcess.start({ PORT: String(port) });

    expect(await service.exitCode()).toBe(1);
    expect(service.stderr).toContain(`address already in use 127.0.0.1:${port}`);
    other.close();
  });

  it('starts when nothing is wrong', async () => {
    service = ServiceProcess.start({ PORT: '0' });
    const answer = await fetch(`${await service.listening()}/health/ready`);
    expect(answer.status).toBe(200);
  });
});

describe('a service with settings that there are not', () => {
  let service: ServiceProcess;

  beforeAll(ensureBuilt, 60_000);
  afterEach(() => service.kill());

  const warnings = () => service.logLines().filter(({ level }) => level === 'warn');

  it('starts, and warns of each with the nearest name or what it does not do', async () => {
    service = ServiceProcess.start({
      PORT: '0',
      LOG_FORMAT: 'json',
      RING_TIMEOUT: '5',
      REDIS_URL: 'redis://:hush@cache',
    });
    await service.listening();
    expect(warnings().map(({ message }) => message)).toEqual([
      expect.stringContaining('RING_TIMEOUT_SECONDS'),
      expect.stringContaining('REDIS_URL'),
    ]);
    expect(service.stdout).not.toContain('hush');
  });

  it('does not warn of what Kubernetes, Docker and npm add', async () => {
    service = ServiceProcess.start(
      {
        PORT: '0',
        LOG_FORMAT: 'json',
        HOSTNAME: 'switchboard-5d8f',
        KUBERNETES_SERVICE_HOST: '10.0.0.1',
        SWITCHBOARD_PORT: 'tcp://10.0.0.9:80',
        SWITCHBOARD_SERVICE_PORT_HTTP: '80',
        SWITCHBOARD_PORT_80_TCP_ADDR: '10.0.0.9',
        PORT_1234: '1234',
      },
      NPM_START,
    );
    await service.listening();
    expect(warnings()).toEqual([]);
  });
});
