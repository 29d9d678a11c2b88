import { ValidateBy } from 'class-validator';
import { readPublicKey, SECRET_MIN_BYTES } from './key-algorithms.js';

/** What tokens are checked with: one of these. */
const KEYS = ['AUTH_JWT_SECRET', 'AUTH_JWT_PUBLIC_KEY', 'AUTH_JWKS_URL'] as const;
/** What means nothing without tokens. */
const FOR_TOKENS = [...KEYS, 'AUTH_JWT_ISSUER', 'AUTH_JWT_AUDIENCE', 'AUTH_TENANT_CLAIM'] as const;

type AuthSettings = { readonly AUTH_MODE: string } & Readonly<
  Record<(typeof FOR_TOKENS)[number], string | undefined>
>;

/** What is wrong with the settings of authentication together, each being fine by itself. */
export function authProblems(settings: AuthSettings): string[] {
  const isGiven = (name: (typeof FOR_TOKENS)[number]) => settings[name] !== undefined;
  if (settings.AUTH_MODE === 'open') {
    // Somebody believes that this server asks for tokens.
    return FOR_TOKENS.filter(isGiven).map(
      (name) => `${name} is given, but AUTH_MODE is open: set AUTH_MODE=jwt, or remove it`,
    );
  }
  const keys = KEYS.filter(isGiven);
  if (settings.AUTH_MODE !== 'jwt' || keys.length === 1) return [];
  const found = keys.length === 0 ? 'none' : keys.join(' and ');
  return [`AUTH_MODE=jwt needs exactly one of ${KEYS.join(', ')}; given: ${found}`];
}

export function IsSecret(): PropertyDecorator {
  return rule(
    (text) => Buffer.byteLength(text) >= SECRET_MIN_BYTES,
    `must be at least ${SECRET_MIN_BYTES} bytes long`,
  );
}

export function IsPublicKey(): PropertyDecorator {
  return rule(
    (text) => readPublicKey(text) !== undefined,
    'must be a public key as PEM (BEGIN PUBLIC KEY): RSA of at least 2048 bits, P-256, P-384, P-521, or Ed25519',
  );
}

export function IsKeyServerUrl(): PropertyDecorator {
  return rule(isKeyServerUrl, 'must be an http or https URL without a user and password');
}

/** An environment variable has one line, so that the lines of a PEM text are often written so. */
export function pem(text: string): string {
  return text.replaceAll('\\n', '\n');
}

function isKeyServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}

/** The message never quotes the value, which may be a secret. */
function rule(isMet: (text: string) => boolean, expected: string): PropertyDecorator {
  return ValidateBy({
    name: 'authRule',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isMet(value),
      defaultMessage: (args) => `${args?.property} ${expected}`,
    },
  });
}
