import { describe, expect, it } from 'vitest';
import { doctor } from './command.ts';

/** The stores are not asked where their variables are missing. */
const env = { NODE_ENV: 'test' };

describe('session-management doctor, of policies', () => {
  it('says in its own words what counts in each realm, and for each role', async () => {
    const roles = { ADMIN: { idleTimeout: '15m', maxSessions: 1 } };
    const realms = { shop: { rememberMe: { short: '12h', long: '14d' }, roles } };
    const { checks } = await doctor({ ...env, SESSION_REALMS: JSON.stringify(realms) });

    expect(checks.filter(({ name }) => name.startsWith('policy'))).toMatchObject([
      {
        name: 'policy web',
        status: 'ok',
        found:
          'absoluteTimeout 30d, idleTimeout none, rememberMe true, freshFor 15m, maxSessions none',
      },
      {
        name: 'policy shop',
        found: expect.stringContaining('rememberMe short 12h, long 14d'),
      },
      {
        name: 'policy shop ADMIN',
        found:
          'absoluteTimeout 30d, idleTimeout 15m, updateAge 90s, rememberMe short 12h, long 14d, ' +
          'freshFor 15m, maxSessions 1, atLimit end-oldest',
      },
    ]);
  });

  it('says what counts of every other option', async () => {
    const { checks } = await doctor({
      ...env,
      SESSION_REDIS_TIMEOUT: '70ms',
      SESSION_LOGIN_LIMITS: 'off',
      SESSION_CLEANUP_EVERY: '1h',
    });
    const found = Object.fromEntries(checks.map((check) => [check.name, check.found]));
    expect(found).toMatchObject({
      times:
        'lookupDeadline 800ms, redisTimeout 70ms, postgresTimeout 500ms, confirmAfter 30s, outageGrace 5m',
      sizes: 'maxConnections 10, nearCopies 50000, nearCopiesBytes 67108864',
      'log-in limits': 'off',
      cleanup: 'cleanupEvery 1h, auditKeep for ever',
    });
  });

  it('tells a policy that contradicts itself, and one that cannot be read, each once', async () => {
    const contradiction = await doctor({ ...env, SESSION_REALMS: '{"web":{"idleTimeout":"90d"}}' });
    expect({ code: contradiction.code, told: contradiction.notOk() }).toEqual({
      code: 1,
      told: ['mode', 'policy'],
    });
    expect(contradiction.stdout).toContain('SESSION_REALMS: web has idleTimeout above');

    const unreadable = await doctor({ ...env, SESSION_REALMS: '{"web":{"idleTimeout":"soon"}}' });
    expect(unreadable.notOk()).toEqual(['variables', 'mode']);
  });
});
