import { networkInterfaces } from 'node:os';
import { ensureBuilt, ServiceProcess } from '../support/process.js';
import { WITH_TOKENS } from '../support/tokens.js';

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.family === 'IPv6');
const EVERYWHERE = hasIPv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];

describe('what the service says when it starts', () => {
  let service: ServiceProcess;

  beforeAll(ensureBuilt, 60_000);
  afterEach(() => service.kill());

  /** All that it says of itself until it stops. */
  async function lines(
    environment: Record<string, string>,
  ): Promise<{ level: string; message: string }[]> {
    service = ServiceProcess.start({ PORT: '0', DRAIN_SECONDS: '0', ...environment });
    await service.listening();
    service.signal('SIGTERM');
    expect(await service.exitCode()).toBe(0);
    return service.logLines().filter(({ context }) => context === 'Switchboard');
  }

  it.each(EVERYWHERE)('that it is open to everybody on %s, once', async (HOST) => {
    const warnings = (await lines({ HOST })).filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toMatch(
      `AUTH_MODE=open on all addresses of this machine (HOST=${HOST})`,
    );
  });

  it('nothing of the kind on one address, or with tokens', async () => {
    const said = [
      ...(await lines({ HOST: '127.0.0.1' })),
      ...(await lines({ HOST: '0.0.0.0', ...WITH_TOKENS })),
    ];
    expect(said.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('where the demo is, if there is one', async () => {
    const [first, second] = await lines({});
    const url = first?.message.slice('listening on '.length);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(second?.message).toBe(`the demo is at ${url}/demo/`);
    expect(await lines({ DEMO: 'off' })).toHaveLength(1);
  });
});
