import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { type RunningApp, startApp } from '../support/app.js';
import { Newcomer } from '../support/newcomer.js';
import { ensureBuilt, ROOT } from '../support/process.js';
import { inSeconds, newSigner, pemOf, SECRET } from '../support/tokens.js';

const JWT = { AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET };

/** `npm run token` as documented, but for the build before it, which `ensureBuilt` sees to. */
async function run(environment: Record<string, string>, ...args: string[]): Promise<string> {
  const { PATH, HOME } = process.env;
  const { stdout } = await promisify(execFile)(
    'npm',
    ['run', '--silent', '--ignore-scripts', 'token', '--', ...args],
    { cwd: ROOT, env: { PATH, HOME, ...environment } },
  );
  return stdout;
}

/** What it says instead, to stderr. */
async function problemOf(...args: Parameters<typeof run>): Promise<string> {
  try {
    return `printed ${await run(...args)}`;
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain(SECRET);
    return stderr;
  }
}

describe('npm run token', () => {
  beforeAll(ensureBuilt, 60_000);

  it('prints a token, and nothing else, that the server lets in', async () => {
    const environment = {
      ...JWT,
      AUTH_JWT_ISSUER: 'https://login.example',
      AUTH_JWT_AUDIENCE: 'switchboard',
      AUTH_TENANT_CLAIM: 'https://example.com/tenant',
    };
    const args = ['--sub', 'ana', '--name', 'Ana B.', '--tenant', 'acme', '--expires', '15m'];
    const printed = await run(environment, ...args);

    expect(printed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { exp = 0, ...claims } = decodeJwt(printed);
    expect(claims).toMatchObject({ name: 'Ana B.', 'https://example.com/tenant': 'acme' });
    expect(Math.abs(exp - inSeconds(15 * 60))).toBeLessThan(30);
    const server: RunningApp = await startApp(environment);
    expect(await Newcomer.tries(server.url, printed.trim())).toEqual({ userId: 'ana' });
    await server.close();
  });

  it('needs no more than who it is for', async () => {
    const { exp = 0, iat, ...claims } = decodeJwt(await run(JWT, '--sub', 'ana'));
    expect(claims).toEqual({ sub: 'ana' });
    expect(exp - (iat ?? 0)).toBe(60 * 60);
  });

  it('needs the tenant as well, where every token must name one', async () => {
    const environment = { ...JWT, AUTH_TENANT_CLAIM: 'org_id' };
    const problem = await problemOf(environment, '--sub', 'ana');
    expect(problem).toMatch(/which tenant its user is of[^]*\nusage: .*--tenant/);
    const printed = await run(environment, '--sub', 'ana', '--tenant', 'acme');
    const server = await startApp(environment);
    expect(await Newcomer.tries(server.url, printed.trim())).toEqual({ userId: 'ana' });
    await server.close();
  });

  it('says why it cannot', async () => {
    const publicKey = { AUTH_MODE: 'jwt', AUTH_JWT_PUBLIC_KEY: pemOf(newSigner()) };
    const keyServer = { AUTH_MODE: 'jwt', AUTH_JWKS_URL: 'http://127.0.0.1:9/' };
    const forAna = ['--sub', 'ana'];
    expect(await problemOf({}, ...forAna)).toContain('set AUTH_MODE=jwt');
    expect(await problemOf({ AUTH_JWT_SECRET: SECRET }, ...forAna)).toContain('set AUTH_MODE=jwt');
    expect(await problemOf({ AUTH_MODE: 'jwt' }, ...forAna)).toContain('AUTH_JWT_SECRET');
    expect(await problemOf(publicKey, ...forAna)).toContain('only who has the private key');
    expect(await problemOf(keyServer, ...forAna)).toContain('only who has the private key');
    expect(await problemOf(JWT)).toMatch(/--sub is missing\nusage: npm run token -- --sub/);
    expect(await problemOf(JWT, ...forAna, '--expires', 'soon')).toContain('usage:');
    expect(await problemOf(JWT, '--sub', 'x'.repeat(300))).toContain('sub must be a text');
    expect(await problemOf(JWT, ...forAna, '--tenant', '')).toContain('names the tenant');
    expect(await problemOf(JWT, ...forAna, '--role', 'admin')).toContain("'--role'");
    expect(await problemOf(JWT, 'ana')).toContain('usage:');
  }, 60_000);
});
