import 'reflect-metadata';
import { Expose, Transform, plainToInstance } from 'class-transformer';
import proxyAddr from 'proxy-addr';
import { IsIn, IsOptional, ValidateBy, validateSync } from 'class-validator';
import { authProblems, IsKeyServerUrl, IsPublicKey, IsSecret, pem } from './auth-rules.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'verbose'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;
export const AUTH_MODES = ['open', 'jwt'] as const;

/** Every setting, its default and its rule. Nothing else in the service reads the environment. */
export class Settings {
  /** 0 picks a free port, which the log names. */
  @Setting(integer) @IsWhole(0, 65_535) readonly PORT: number = 3000;
  @Setting() readonly HOST: string = '0.0.0.0';

  @Setting() @IsIn(LOG_LEVELS) readonly LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';
  @Setting() @IsIn(LOG_FORMATS) readonly LOG_FORMAT: (typeof LOG_FORMATS)[number] = process.stdout
    .isTTY
    ? 'pretty'
    : 'json';

  /** `*`, or the exact origins of the pages that may connect. */
  @Setting(list) @AreOrigins() readonly CORS_ORIGINS: readonly string[] = ['*'];

  /** Whose `X-Forwarded-For` to believe: a number of hops, or addresses and networks. */
  @Setting(proxies) @AreProxies() readonly TRUST_PROXY: number | readonly string[] = 0;

  /** Where health and metrics are served, and no longer on `PORT`. */
  @Setting(integer)
  @IsOptional()
  @IsWhole(0, 65_535)
  readonly MANAGEMENT_PORT: number | undefined = undefined;

  /** 0 is without a limit. */
  @Setting(integer) @IsWhole(0, 10_000_000) readonly MAX_CONNECTIONS: number = 0;
  @Setting(integer) @IsWhole(0, 10_000_000) readonly MAX_CONNECTIONS_PER_ADDRESS: number = 0;
  @Setting(integer) @IsWhole(0, 10_000_000) readonly MAX_CONNECTIONS_PER_USER: number = 16;

  /** Budgets of messages and calls; off for load tests. */
  @Setting(onOff) @IsOnOff() readonly RATE_LIMITS: boolean = true;

  /** Whether everybody may connect, or only who brings a token. */
  @Setting() @IsIn(AUTH_MODES) readonly AUTH_MODE: (typeof AUTH_MODES)[number] = 'open';

  /** What tokens are checked with: exactly one of the three. */
  @Setting() @IsOptional() @IsSecret() readonly AUTH_JWT_SECRET: string | undefined = undefined;
  @Setting(pem)
  @IsOptional()
  @IsPublicKey()
  readonly AUTH_JWT_PUBLIC_KEY: string | undefined = undefined;
  @Setting() @IsOptional() @IsKeyServerUrl() readonly AUTH_JWKS_URL: string | undefined = undefined;

  /** Whom a token must be from and for, and the claim in which it must say its user's tenant. */
  @Setting() readonly AUTH_JWT_ISSUER: string | undefined = undefined;
  @Setting() readonly AUTH_JWT_AUDIENCE: string | undefined = undefined;
  @Setting() readonly AUTH_TENANT_CLAIM: string | undefined = undefined;

  /** Whether the demo page is served at `/demo/`; off with authentication, unless asked for. */
  @Setting(onOff) @IsOnOff() readonly DEMO: boolean = true;

  /** A silent peer is gone after the sum of the two. */
  @Setting(integer) @IsWhole(100, 600_000) readonly PING_INTERVAL_MS: number = 10_000;
  @Setting(integer) @IsWhole(100, 600_000) readonly PING_TIMEOUT_MS: number = 10_000;

  /** Whether offers, answers and candidates pass only inside a call; always with authentication. */
  @Setting(onOff) @IsOnOff() readonly CALLS_REQUIRED: boolean = false;

  /** How long a call rings, and how long an accepted one may take to connect. */
  @Setting(integer) @IsWhole(1, 3_600) readonly RING_TIMEOUT_SECONDS: number = 45;
  @Setting(integer) @IsWhole(1, 3_600) readonly CONNECT_TIMEOUT_SECONDS: number = 30;

  /** Whether messages take the short cuts past the libraries; the same happens without. */
  @Setting(onOff) @IsOnOff() readonly FAST_PATH: boolean = true;

  /** The time over which a stopping server closes its connections. */
  @Setting(integer) @IsWhole(0, 3_600) readonly DRAIN_SECONDS: number = 10;

  /**
   * As the `cors` package takes it. Pages that are listed may send cookies, as those are by which a
   * balancer knows its clients again; together with "any origin" no browser would have it.
   */
  get cors(): { readonly origin: '*' | string[]; readonly credentials: boolean } {
    return this.CORS_ORIGINS.includes('*')
      ? { origin: '*', credentials: false }
      : { origin: [...this.CORS_ORIGINS], credentials: true };
  }

  /** A missing origin passes: it is not a page of another site. `null` is one that hides. */
  allowsOrigin(origin: string | undefined): boolean {
    return (
      origin === undefined || this.CORS_ORIGINS.includes('*') || this.CORS_ORIGINS.includes(origin)
    );
  }

  /** @throws {SettingsError} naming every bad setting and what was expected */
  static from(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
    // An empty value counts as not set: compose files and Helm charts write them.
    const given = Object.fromEntries(
      Object.entries(environment).filter(([, value]) => value?.trim()),
    );
    const authenticated = given.AUTH_MODE?.trim() === 'jwt';
    const meant = authenticated ? { DEMO: 'off', ...given, CALLS_REQUIRED: 'on' } : given;
    const settings = plainToInstance(Settings, meant, {
      excludeExtraneousValues: true,
      exposeDefaultValues: true,
    });
    const problems = validateSync(settings).flatMap(({ constraints = {} }) =>
      Object.values(constraints),
    );
    if (settings.PORT > 0 && settings.PORT === settings.MANAGEMENT_PORT) {
      problems.push('MANAGEMENT_PORT must not be PORT');
    }
    problems.push(...authProblems(settings));
    if (problems.length > 0) throw new SettingsError(problems);
    return settings;
  }
}

export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`bad settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

function Setting(parse: (text: string) => unknown = (text) => text): PropertyDecorator {
  return (target, property) => {
    Expose()(target, property);
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? parse(value.trim()) : value,
    )(target, property);
  };
}

function integer(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function IsWhole(min: number, max: number): PropertyDecorator {
  return ValidateBy({
    name: 'isWhole',
    validator: {
      validate: (value: unknown) =>
        Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
      defaultMessage: (args) => `${args?.property} must be a whole number from ${min} to ${max}`,
    },
  });
}

function IsOnOff(): PropertyDecorator {
  return IsIn([true, false], { message: '$property must be on or off' });
}

function onOff(text: string): unknown {
  return text === 'on' ? true : text === 'off' ? false : text;
}

function proxies(text: string): unknown {
  if (text === 'off') return 0;
  return /^\d+$/.test(text) ? Number(text) : list(text);
}

function AreProxies(): PropertyDecorator {
  return ValidateBy({
    name: 'areProxies',
    validator: {
      validate: (value: unknown) => typeof value === 'number' || canCompile(value as string[]),
      defaultMessage: () =>
        'TRUST_PROXY must be off, a number of hops, or a comma-separated list of addresses and networks, such as 10.0.0.0/8',
    },
  });
}

function canCompile(networks: string[]): boolean {
  try {
    proxyAddr.compile(networks);
    return true;
  } catch {
    return false;
  }
}

function list(text: string): unknown {
  return text.split(',').map((item) => item.trim());
}

function AreOrigins(): PropertyDecorator {
  return ValidateBy({
    name: 'areOrigins',
    validator: {
      validate: (value: unknown) =>
        Array.isArray(value) && ((value.length === 1 && value[0] === '*') || value.every(isOrigin)),
      defaultMessage: () =>
        'CORS_ORIGINS must be * or a comma-separated list of exact origins, such as https://app.example.com',
    },
  });
}

function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && origin === text && !text.includes('*');
}
