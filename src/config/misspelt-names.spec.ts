import fc from 'fast-check';
import { misspeltNames, nameWarnings, WITHOUT_EFFECT } from './misspelt-names.js';
import { Settings } from './settings.js';

const NAMES = Object.keys(new Settings());
const WITH_WORDS = NAMES.filter((name) => name.includes('_'));

const nearest = (name: string, value = 'x'): string | undefined =>
  misspeltNames({ [name]: value }, NAMES).get(name);

describe('a misspelt name', () => {
  it.each([
    ['RING_TIMEOUT', 'RING_TIMEOUT_SECONDS'],
    ['RING_TIMEOUT_MS', 'RING_TIMEOUT_SECONDS'],
    ['RING_TIMEOUT_SECOND', 'RING_TIMEOUT_SECONDS'],
    ['RING-TIMEOUT-SECONDS', 'RING_TIMEOUT_SECONDS'],
    ['ring_timeout_seconds', 'RING_TIMEOUT_SECONDS'],
    ['CONNECT_TIMEOUT', 'CONNECT_TIMEOUT_SECONDS'],
    ['PING_INTERVAL', 'PING_INTERVAL_MS'],
    ['PING_TIMEOUT_SECONDS', 'PING_TIMEOUT_MS'],
    ['DRAIN_SECOND', 'DRAIN_SECONDS'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['CORS_ALLOWED_ORIGINS', 'CORS_ORIGINS'],
    ['RATE_LIMIT', 'RATE_LIMITS'],
    ['TRUSTED_PROXY', 'TRUST_PROXY'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['CALL_REQUIRED', 'CALLS_REQUIRED'],
    ['MANAGMENT_PORT', 'MANAGEMENT_PORT'],
    ['MAX_CONNECTIONS_FOR_USER', 'MAX_CONNECTIONS_PER_USER'],
    ['JWT_SECRET', 'AUTH_JWT_SECRET'],
    ['AUTH_SECRET', 'AUTH_JWT_SECRET'],
    ['JWKS_URL', 'AUTH_JWKS_URL'],
    ['AUTH_JWKS_URI', 'AUTH_JWKS_URL'],
    ['AUTH_JWT_AUD', 'AUTH_JWT_AUDIENCE'],
    ['SWITCHBOARD_LOG_LEVEL', 'LOG_LEVEL'],
    ['SWITCHBOARD_PORT', 'PORT'],
    ['SWITCHBOARD_DEMO', 'DEMO'],
    ['port', 'PORT'],
  ])('%s is most likely meant to be %s', (name, meant) => {
    expect(nearest(name)).toBe(meant);
  });

  it('is found whichever letter slipped', () => {
    fc.assert(
      fc.property(fc.constantFrom(...WITH_WORDS), fc.nat(), fc.nat(2), (name, where, kind) => {
        const at = where % (name.length - 1);
        const [a = '', b = ''] = name.slice(at, at + 2);
        const slip = [b, a + a + b, b + a][kind] ?? '';
        const given = name.slice(0, at) + slip + name.slice(at + 2);
        if (!NAMES.includes(given)) expect(nearest(given)).toBeDefined();
      }),
    );
  });

  it('is none that is set right, or to nothing', () => {
    for (const name of NAMES) expect(nearest(name)).toBeUndefined();
    expect(nearest('RING_TIMEOUT', ' ')).toBeUndefined();
  });
});

describe('what other programs are told', () => {
  it.each([
    ...['PATH', 'HOME', 'HOSTNAME', 'HOSTTYPE', 'TERM', 'USER', 'LANG', 'LC_ALL', 'TZ', 'PWD'],
    ...['SHLVL', 'LOGNAME', 'COLORTERM', 'EDITOR', 'TMPDIR', 'DEBUG', 'CI', 'PORTS', 'MODE'],
    ...['NODE_ENV', 'NODE_OPTIONS', 'NODE_VERSION', 'YARN_VERSION', 'NODE_EXTRA_CA_CERTS'],
    ...['npm_config_loglevel', 'npm_package_name', 'npm_lifecycle_event', 'npm_config_log_level'],
    ...['HTTP_PROXY', 'https_proxy', 'NO_PROXY', 'UV_THREADPOOL_SIZE', 'SSL_CERT_FILE'],
    ...['DATABASE_URL', 'DB_PORT', 'DB_HOST', 'POSTGRES_PASSWORD', 'SMTP_HOST', 'SENTRY_DSN'],
    ...['OTEL_LOG_LEVEL', 'RUST_LOG', 'DD_LOG_LEVEL', 'LOG_FILE', 'LOG_DIR', 'AUTH_TOKEN'],
    ...['SSH_AUTH_SOCK', 'SSH_CONNECTION', 'XAUTHORITY', 'AUTH_URL_PREFIX', 'AUTH_SERVICE_URL'],
    ...['KUBERNETES_PORT', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT_443_TCP_ADDR'],
    ...['PORT_1234', 'PORT_1234_TCP', 'SWITCHBOARD_SERVICE_HOST', 'SWITCHBOARD_SERVICE_PORT_HTTP'],
    ...['AUTH_JWT_SERVICE_HOST', 'AUTH_JWT_PORT_80_TCP_PORT', 'DEMO_PORT', 'PING_PORT', 'LOG_HOST'],
    ...['AWS_REGION', 'ECS_CONTAINER_METADATA_URI', 'WEBSITE_HOSTNAME', 'K_SERVICE', 'DYNO'],
    ...['CONTAINER_APP_PORT', 'FLY_APP_NAME', 'RAILWAY_PUBLIC_DOMAIN', 'INVOCATION_ID'],
    ...['POD_IP', 'HOST_IP', 'GITHUB_TOKEN', 'JENKINS_URL', 'JOURNAL_STREAM', 'container', '_'],
  ])('%s is not ours', (name) => {
    expect(nearest(name)).toBeUndefined();
  });

  it.each(['SWITCHBOARD_PORT', 'SWITCHBOARD_MANAGEMENT_PORT', 'AUTH_JWT_PORT'])(
    '%s is not ours when it is where a service is',
    (name) => {
      expect(nearest(name, 'tcp://10.0.0.1:80')).toBeUndefined();
    },
  );
});

describe('what is said of names', () => {
  it('has the wrong one and the right one, and no value', () => {
    const environment = { AUTH_SECRET: 'hush', REDIS_URL: 'redis://:hush@cache' };
    const said = nameWarnings(environment, NAMES);
    expect(said).toEqual([
      'AUTH_SECRET is no setting; the nearest one is AUTH_JWT_SECRET',
      expect.stringMatching(/^REDIS_URL is no setting: this is one node/),
    ]);
    expect(said.join()).not.toContain('hush');
  });

  it('is not that a setting has no effect', () => {
    expect(Object.keys(WITHOUT_EFFECT).filter((name) => NAMES.includes(name))).toEqual([]);
  });

  it('is nothing of an empty environment', () => {
    expect(nameWarnings({ REDIS_URL: '', RING_TIMEOUT: ' ' }, NAMES)).toEqual([]);
  });
});
