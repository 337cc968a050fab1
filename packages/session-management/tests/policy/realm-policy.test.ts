import { describe, expect, it } from 'vitest';
import { policiesOf, realmsSchema } from '../../src/factories/realm-settings.ts';
import { PRESETS } from '../../src/policy/presets.ts';
import { DEFAULT_POLICY, isFresh, policyOf, rulesOf } from '../../src/policy/realm-policy.ts';
import { sessionCopy } from '../../src/testing/samples.ts';

const HOUR = 3_600_000;

describe('the policy of a realm', () => {
  it('is its own where it has one, else the standard', () => {
    const realms = realmsSchema.parse({ admin: { absoluteTimeout: '12h' } });
    const policies = policiesOf(48 * HOUR, realms);

    expect(policyOf(policies, 'admin').absoluteMs).toBe(12 * HOUR);
    expect(policyOf(policies, 'web').absoluteMs).toBe(48 * HOUR);
    expect(policyOf(policies, 'constructor')).toBe(policies.standard);
  });

  it('may be given as JSON', () => {
    const realms = realmsSchema.parse('{"admin":{"freshFor":300}}');
    expect(policyOf(policiesOf(undefined, realms), 'admin')).toEqual({
      ...DEFAULT_POLICY,
      freshForMs: 300_000,
    });
  });

  it('ends the oldest at a limit that names no rule', () => {
    const policies = policiesOf(undefined, realmsSchema.parse({ admin: { maxSessions: 3 } }));
    expect(policyOf(policies, 'admin').limit).toEqual({ most: 3, rule: 'end-oldest' });
    expect(policies.standard.limit).toBeNull();
  });

  it('compares nothing unless it is told what, and then only that', () => {
    const given = { admin: { bindAgent: 'strict' }, kiosk: { bindAgent: 'off' } };
    const policies = policiesOf(undefined, realmsSchema.parse(given));
    expect(policyOf(policies, 'admin').binding).toEqual({ address: 'off', agent: 'strict' });
    expect(policyOf(policies, 'kiosk').binding).toBeNull();
    expect(policies.standard.binding).toBeNull();
  });

  it('lets a default give way to a shorter life', () => {
    const policies = policiesOf(60_000, realmsSchema.parse({ kiosk: { absoluteTimeout: 30 } }));

    expect(policies.standard.freshForMs).toBe(60_000);
    expect(policyOf(policies, 'kiosk').freshForMs).toBe(30_000);
  });

  it('writes use down each tenth of the idle timeout, unless told', () => {
    const realms = { kiosk: { idleTimeout: '30m' }, till: { idleTimeout: '30m', updateAge: 60 } };
    const policies = policiesOf(undefined, realmsSchema.parse(realms));

    expect(policyOf(policies, 'kiosk').idle).toEqual({
      timeoutMs: 1_800_000,
      updateAgeMs: 180_000,
    });
    expect(policyOf(policies, 'till').idle).toEqual({ timeoutMs: 1_800_000, updateAgeMs: 60_000 });
    expect(policies.standard.idle).toBeNull();
  });

  it('remembers every log-in, none, or as the visitor chooses', () => {
    const rememberMe = { short: '12h', long: '14d' };
    const realms = {
      web: { rememberMe: true },
      admin: { rememberMe: false },
      shop: { rememberMe },
    };
    const policies = policiesOf(undefined, realmsSchema.parse(realms));

    expect(
      ['web', 'admin', 'shop', 'other'].map((name) => policyOf(policies, name).remember),
    ).toEqual(['always', 'never', { shortMs: 12 * HOUR, longMs: 14 * 24 * HOUR }, 'always']);
  });

  it('may differ by role, where the rest is as in the realm', () => {
    const roles = { ADMIN: { absoluteTimeout: '8h', idleTimeout: '15m', maxSessions: 1 } };
    const policies = policiesOf(undefined, realmsSchema.parse({ web: { freshFor: '5m', roles } }));
    const web = policyOf(policies, 'web');

    expect(rulesOf(web, 'USER')).toBe(web);
    expect(rulesOf(web, 'ADMIN')).toEqual({
      absoluteMs: 8 * HOUR,
      idle: { timeoutMs: 900_000, updateAgeMs: 90_000 },
      remember: 'always',
      freshForMs: 300_000,
      limit: { most: 1, rule: 'end-oldest' },
      binding: null,
    });
    expect(policies.standard.roles).toEqual({});
  });

  it('lets what a role has from its realm give way to a shorter life', () => {
    const realm = { idleTimeout: '1d', rememberMe: { short: '12h', long: '14d' } };
    const roles = { ADMIN: { absoluteTimeout: '8h' } };
    const policies = policiesOf(undefined, realmsSchema.parse({ web: { ...realm, roles } }));

    expect(rulesOf(policyOf(policies, 'web'), 'ADMIN')).toMatchObject({
      idle: { timeoutMs: 8 * HOUR, updateAgeMs: 0.8 * HOUR },
      remember: { shortMs: 8 * HOUR, longMs: 8 * HOUR },
    });
  });

  it('is the strict one by name, which its own words change and no longer life lengthens', () => {
    const realms = {
      admin: { preset: 'strict' },
      desk: { preset: 'strict', idleTimeout: '1h', rememberMe: true },
      web: { roles: { ADMIN: { preset: 'strict' } } },
    };
    const policies = policiesOf(undefined, realmsSchema.parse(realms));
    const strict = policyOf(policies, 'admin');

    expect(strict).toEqual({ ...PRESETS.strict, roles: {} });
    expect(policyOf(policies, 'desk')).toEqual({
      ...strict,
      idle: { timeoutMs: HOUR, updateAgeMs: HOUR / 10 },
      remember: 'always',
    });
    expect(rulesOf(policyOf(policies, 'web'), 'ADMIN')).toEqual(PRESETS.strict);
    const brief = policiesOf(0.25 * HOUR, realmsSchema.parse({ admin: { preset: 'strict' } }));
    expect(policyOf(brief, 'admin')).toMatchObject({
      absoluteMs: 0.25 * HOUR,
      idle: { timeoutMs: 0.25 * HOUR },
    });
  });

  it('names the role whose rules contradict themselves', () => {
    const roles = { ADMIN: { idleTimeout: '40d' } };
    expect(() => policiesOf(undefined, realmsSchema.parse({ web: { roles } }))).toThrow(
      /^SESSION_REALMS: web, role ADMIN, has idleTimeout above absoluteTimeout/,
    );
  });

  it.each([
    [{ rememberMe: { short: '2h', long: '1h' } }, 'rememberMe.long not above rememberMe.short'],
    [{ absoluteTimeout: '1h', rememberMe: { short: 60, long: '2h' } }, 'rememberMe.long above'],
    [{ absoluteTimeout: '1h', freshFor: '2h' }, 'freshFor above absoluteTimeout'],
    [{ absoluteTimeout: '1h', idleTimeout: '2h' }, 'idleTimeout above absoluteTimeout'],
    [{ idleTimeout: '1h', updateAge: '1h' }, 'updateAge not below idleTimeout'],
    [{ updateAge: '1h' }, 'updateAge without idleTimeout'],
  ])('is refused where it contradicts itself, with the name of the realm: %j', (admin, why) => {
    const realms = realmsSchema.parse({ admin });
    expect(() => policiesOf(undefined, realms)).toThrow(
      new RegExp(`^SESSION_REALMS: admin has ${why}`),
    );
  });

  it.each<[unknown, string]>([
    ['{"admin":', 'no JSON'],
    [{ Admin: {} }, 'a name that no key or cookie takes'],
    [{ admin: { idle: 5 } }, 'a word that it does not know'],
    [{ admin: { idleTimeout: 'soon' } }, 'no idle timeout'],
    [{ admin: { rememberMe: { short: '1h' } } }, 'one lifetime of two'],
    [{ admin: { rememberMe: 'yes' } }, 'no rule'],
    [{ admin: { preset: 'lax' } }, 'a preset that is none'],
    [{ admin: { roles: { ROOT: {} } } }, 'a role that nobody has'],
    [{ admin: { roles: { ADMIN: { roles: {} } } } }, 'roles of a role'],
    [{ admin: { roles: { ADMIN: { atLimit: 'reject-new' } } } }, "a role's rule without a limit"],
    [{ admin: { freshFor: 0 } }, 'a time of nothing'],
    [{ admin: { freshFor: 'soon' } }, 'no time'],
    ['[]', 'a list'],
    [{ admin: { maxSessions: 0 } }, 'a limit of nothing'],
    [{ admin: { maxSessions: 5, atLimit: 'end-all' } }, 'an unknown rule'],
    [{ admin: { atLimit: 'reject-new' } }, 'a rule without a limit'],
    [{ admin: { bindAddress: 'maybe' } }, 'an unknown binding'],
  ])('refuses %j: %s', (given, _why) => {
    expect(realmsSchema.safeParse(given).success).toBe(false);
  });
});

it('counts a proof as fresh until the exact instant at which it is too old', () => {
  const session = sessionCopy(1_000_000, { authenticatedAt: 900_000 });

  expect(isFresh(session, { ...DEFAULT_POLICY, freshForMs: 100_001 })).toBe(true);
  expect(isFresh(session, { ...DEFAULT_POLICY, freshForMs: 100_000 })).toBe(false);
});

it('binds sessions of a role as its realm does, but for what the role says itself', () => {
  const roles = { ADMIN: { bindAgent: 'log' } };
  const realms = realmsSchema.parse({ web: { bindAddress: 'strict', roles } });
  const web = policyOf(policiesOf(undefined, realms), 'web');

  expect(web.binding).toEqual({ address: 'strict', agent: 'off' });
  expect(rulesOf(web, 'ADMIN').binding).toEqual({ address: 'strict', agent: 'log' });
});
