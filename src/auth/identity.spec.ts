import { identityFrom } from './identity.js';
import { TOKEN_PROBLEMS } from './token-problems.js';

const EXP = 2_000_000_000;
const of = (claims: Record<string, unknown>, tenantClaim?: string) =>
  identityFrom({ sub: 'ana', exp: EXP, ...claims }, tenantClaim);

describe('who the bearer of a token is', () => {
  it('is the subject, of no tenant, until the token ends', () => {
    expect(of({})).toEqual({ userId: 'ana', tenant: '', expiresAtMs: EXP * 1_000 });
  });

  it('is of the tenant that the claim of that name says, if there is one', () => {
    expect(of({ tenant: 'acme' }).tenant).toBe('acme');
  });

  it.each(['tenant', 'https://example.com/tenant', 'org.id', '__proto__', 'constructor'])(
    'is of the tenant that the claim %s names, and nobody without it, where the settings ask for it',
    (claim) => {
      const claims = JSON.parse(
        JSON.stringify({ sub: 'ana', exp: EXP }).replace('{', `{"${claim}":"acme",`),
      ) as Record<string, unknown>;
      expect(identityFrom(claims, claim).tenant).toBe('acme');
      const refusal = { code: 'unauthorized', message: TOKEN_PROBLEMS.noTenant };
      for (const without of [{}, { Tenant: 'acme' }, { tenant_id: 'acme' }]) {
        expect(() => of(without, claim)).toThrow(expect.objectContaining(refusal) as Error);
      }
    },
  );

  it.each([7, true, {}, ['a'], null, '', 'a\n', 'x'.repeat(257), '\uD800', '\u3164'])(
    'is nobody if the tenant is %j',
    (tenant) => {
      const refusal = { code: 'unauthorized', message: TOKEN_PROBLEMS.tenant };
      for (const claim of [undefined, 'tenant']) {
        expect(() => of({ tenant }, claim)).toThrow(expect.objectContaining(refusal) as Error);
      }
    },
  );

  it.each([
    ...[undefined, null, 7, '', {}, 'a\u202Eb', '\uDC00', 'x'.repeat(257)],
    ...[' ', '\u200B', '\u2800', '\u00AD\u2060', '\u{E0061}\u{E006E}'],
  ])('is nobody if the subject is %j', (sub) => {
    const refusal = { code: 'unauthorized', message: TOKEN_PROBLEMS.sub };
    expect(() => of({ sub })).toThrow(expect.objectContaining(refusal) as Error);
  });

  it.each([
    ['Ana', 'Ana'],
    ['  Ana ', 'Ana'],
    ['<b>Ana</b>', '‹b›Ana‹/b›'],
    ['A\u0000n\na', 'Ana'],
    ['\u202EAna\u2069', 'Ana'],
    ['Ana \uD800', 'Ana \uFFFD'],
    ['💥'.repeat(70), '💥'.repeat(64)],
    [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
    [`  \u0000 ${'a'.repeat(64)}`, 'a'.repeat(64)],
    ['', undefined],
    [' \n ', undefined],
    ['\u202E', undefined],
    ['\u200B\u3164', undefined],
    ['\u202Eمهر\u200Cآیین', 'مهر\u200Cآیین'],
    [7, undefined],
    [null, undefined],
    [{ toString: () => 'Ana' }, undefined],
  ])('is called what can be used of the name %j', (name, expected) => {
    expect(of({ name }).name).toBe(expected);
  });

  it('has the id that the token says, to the letter', () => {
    for (const sub of [
      '<ana>',
      ' ana ',
      'ana\u200B',
      'e\u0301',
      '\u00E9',
      'auth0|5f7c',
      '👩\u200D🚀',
    ]) {
      expect(of({ sub }).userId).toBe(sub);
    }
  });

  it('is somebody for a time that can be counted', () => {
    expect(of({ exp: 1e300 }).expiresAtMs).toBe(Number.MAX_SAFE_INTEGER);
  });
});
