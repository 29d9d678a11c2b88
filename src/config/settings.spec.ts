import { LOG_FORMATS, LOG_LEVELS, Settings, SettingsError } from './settings.js';

/** What is wrong with an environment. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    Settings.from(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const NUMBERS = ['PORT', 'PING_INTERVAL_MS', 'PING_TIMEOUT_MS', 'DRAIN_SECONDS'] as const;

describe('Settings', () => {
  it('has a default for everything', () => {
    expect(Settings.from({})).toMatchObject({
      PORT: 3000,
      HOST: '0.0.0.0',
      LOG_LEVEL: 'info',
      LOG_FORMAT: process.stdout.isTTY ? 'pretty' : 'json',
      CORS_ORIGINS: ['*'],
      DEMO: true,
      PING_INTERVAL_MS: 10_000,
      PING_TIMEOUT_MS: 10_000,
      DRAIN_SECONDS: 10,
      AUTH_MODE: 'open',
      AUTH_TENANT_CLAIM: undefined,
    });
  });

  it('takes what the environment gives', () => {
    const settings = Settings.from({
      PORT: '0',
      HOST: '::1',
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'pretty',
      CORS_ORIGINS: 'https://a.example, http://localhost:5173',
      DEMO: 'off',
      PING_INTERVAL_MS: '300',
      PING_TIMEOUT_MS: ' 400 ',
      DRAIN_SECONDS: '0',
    });
    expect(settings).toMatchObject({
      PORT: 0,
      HOST: '::1',
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'pretty',
      CORS_ORIGINS: ['https://a.example', 'http://localhost:5173'],
      DEMO: false,
      PING_INTERVAL_MS: 300,
      PING_TIMEOUT_MS: 400,
      DRAIN_SECONDS: 0,
    });
  });

  it('counts an empty value as unset: compose files and charts write them', () => {
    const names = Object.keys(Settings.from({}));
    for (const blank of ['', '  ', '\t\n']) {
      const environment = Object.fromEntries(names.map((name) => [name, blank]));
      expect(Settings.from(environment)).toEqual(Settings.from({}));
    }
    expect(Settings.from({ PORT: undefined }).PORT).toBe(3000);
  });

  it('names every bad value at once, with what was expected', () => {
    const problems = problemsOf({
      PORT: '65536',
      LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml',
      CORS_ORIGINS: 'a.example',
      DEMO: 'yes',
      PING_INTERVAL_MS: '99',
      PING_TIMEOUT_MS: '1e3',
      DRAIN_SECONDS: '3601',
    });
    expect(problems.toSorted()).toEqual([
      expect.stringMatching(/^CORS_ORIGINS must be \* or .* exact origins/),
      expect.stringMatching(/^DEMO must be on or off$/),
      expect.stringMatching(/^DRAIN_SECONDS must be a whole number from 0 to 3600$/),
      expect.stringMatching(/^LOG_FORMAT must be .*json, pretty/),
      expect.stringMatching(/^LOG_LEVEL must be .*fatal, error, warn, info, debug, verbose/),
      expect.stringMatching(/^PING_INTERVAL_MS must be a whole number from 100 to 600000$/),
      expect.stringMatching(/^PING_TIMEOUT_MS must be a whole number from 100 to 600000$/),
      expect.stringMatching(/^PORT must be a whole number from 0 to 65535$/),
    ]);
  });

  it('says it all in the message, one to a line', () => {
    const problems = problemsOf({ PORT: 'http', DEMO: 'yes' });
    expect(problems).toHaveLength(2);
    const { message } = new SettingsError(problems);
    expect(message.split('\n').slice(1)).toEqual(problems.map((problem) => `  ${problem}`));
  });

  describe.each(NUMBERS)('%s', (name) => {
    it.each(['-1', '1.5', '0x10', '1e3', '3000ms', 'Infinity', 'NaN', '1 000', '9'.repeat(30)])(
      'is not %s',
      (value) => {
        expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(name)]);
      },
    );
  });

  describe('DEMO', () => {
    it('is on or off', () => {
      expect(Settings.from({ DEMO: 'on' }).DEMO).toBe(true);
      expect(Settings.from({ DEMO: 'off' }).DEMO).toBe(false);
    });

    it.each(['true', 'false', '1', '0', 'ON', 'Off', 'no'])('is not %s', (value) => {
      expect(problemsOf({ DEMO: value })).toEqual(['DEMO must be on or off']);
    });
  });

  describe('LOG_LEVEL and LOG_FORMAT', () => {
    it('take each of their words', () => {
      for (const level of LOG_LEVELS) {
        expect(Settings.from({ LOG_LEVEL: level }).LOG_LEVEL).toBe(level);
      }
      for (const format of LOG_FORMATS) {
        expect(Settings.from({ LOG_FORMAT: format }).LOG_FORMAT).toBe(format);
      }
    });

    it.each(['INFO', 'log', 'silent', 'info,debug', 'constructor', '__proto__', 'toString'])(
      'are not %s',
      (value) => {
        expect(problemsOf({ LOG_LEVEL: value, LOG_FORMAT: value })).toHaveLength(2);
      },
    );
  });

  describe('CORS_ORIGINS', () => {
    it.each([
      '*',
      'https://a.example',
      'http://localhost:3000',
      'http://127.0.0.1:8080',
      'http://[::1]:3000',
      'https://a.example,https://b.example:8443',
    ])('may be %s', (value) => {
      expect(Settings.from({ CORS_ORIGINS: value }).CORS_ORIGINS).toEqual(value.split(','));
    });

    it.each([
      'a.example',
      '//a.example',
      'https://a.example/',
      'https://a.example/app',
      'https://a.example?x',
      'https://user@a.example',
      'https://a.example:443',
      'http://a.example:80',
      'HTTPS://A.EXAMPLE',
      'https://*.example',
      'https://bücher.example',
      'ftp://a.example',
      'file:///tmp',
      'null',
      'https://a.example,',
      ',https://a.example',
      '*,https://a.example',
      'https://a.example,*',
      '*,*',
      'https://a.example https://b.example',
      '__proto__',
    ])('may not be %s, which no browser would send or no list can mean', (value) => {
      expect(problemsOf({ CORS_ORIGINS: value })).toEqual([
        expect.stringContaining('CORS_ORIGINS'),
      ]);
    });

    it('* lets every origin pass', () => {
      const settings = Settings.from({});
      expect(settings.cors).toEqual({ origin: '*', credentials: false });
      for (const origin of ['https://anyone.example', 'null', '', undefined]) {
        expect(settings.allowsOrigin(origin)).toBe(true);
      }
    });

    it('a list lets exactly its origins pass, and whoever sends none', () => {
      const settings = Settings.from({ CORS_ORIGINS: 'https://a.example,https://b.example' });
      expect(settings.cors).toEqual({
        origin: ['https://a.example', 'https://b.example'],
        credentials: true,
      });
      for (const origin of ['https://a.example', 'https://b.example', undefined]) {
        expect(settings.allowsOrigin(origin)).toBe(true);
      }
      for (const origin of [
        'https://a.example.evil.com',
        'https://evil-a.example',
        'https://a.example:8443',
        'https://a.example/',
        'http://a.example',
        'HTTPS://A.EXAMPLE',
        'https://a.example,https://b.example',
        'null',
        '*',
        '',
      ]) {
        expect(settings.allowsOrigin(origin)).toBe(false);
      }
    });
  });

  it('takes no harm from names that every object has', () => {
    const environment = JSON.parse(
      '{"__proto__": "x", "constructor": "x", "toString": "x", "hasOwnProperty": "x",' +
        '"allowsOrigin": "x", "cors": "x", "PORT": "4000"}',
    ) as Record<string, string>;
    const settings = Settings.from(environment);
    expect(settings).toBeInstanceOf(Settings);
    expect(settings.PORT).toBe(4000);
    expect(settings.allowsOrigin('https://a.example')).toBe(true);
    expect(Object.keys(settings).sort()).toEqual(Object.keys(Settings.from({})).sort());
  });
});
