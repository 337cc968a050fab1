import { describe, expect, it } from 'vitest';
import { startRefused, startServer, type Variables } from './support/server.ts';
import { newTranscript, Visitor } from './support/visitor.ts';

const START_MS = 300_000;
const CRON_SECRET = 'cron-secret-of-this-test';
/** Nothing listens on port 1. */
const DEAD: Variables = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://nobody:hidden-word@127.0.0.1:1/none',
  REDIS_URL: 'redis://127.0.0.1:1',
};

describe('a production start', () => {
  it.each<[string, Variables]>([
    ['DATABASE_URL', { REDIS_URL: DEAD['REDIS_URL'] ?? '' }],
    ['REDIS_URL', { DATABASE_URL: DEAD['DATABASE_URL'] ?? '' }],
    ['PUBLIC_URL', { ...DEAD, PUBLIC_URL: 'http://app.example' }],
    ['TRUSTED_PROXIES', { ...DEAD, TRUSTED_PROXIES: '10.0.0.1, proxy' }],
  ])(
    'ends with the name of %s when it is missing or wrong',
    async (name, variables) => {
      const { code, stderr } = await startRefused(variables);

      expect(code).toBe(1);
      expect(stderr).toContain(name);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).not.toContain('hidden-word');
    },
    START_MS,
  );

  it(
    'with stores that do not answer serves, and says that nobody is signed out',
    async () => {
      const server = await startServer({ ...DEAD, CRON_SECRET });
      try {
        const visitor = new Visitor(server.origin, newTranscript());
        const Cookie = `sessionId=${'x'.repeat(43)}`;

        const me = await visitor.me({ Cookie });
        expect(me.status).toBe(503);
        expect(me.headers.get('retry-after')).toBe('1');
        expect(me.json.error.data.sessionCode).toBe('STORE_UNAVAILABLE');

        const logout = await visitor.mutate('auth.logout', {}, { Cookie });
        expect(logout.status).toBe(503);
        expect(logout.setCookies).toEqual([]);

        expect((await visitor.login('ann@example.com')).status).toBe(503);
        const page = await visitor.send('/account', { headers: { Cookie } });
        expect(page.text).toContain('You are not signed out.');
        expect(page.text).not.toContain('type="password"');

        const headers = { authorization: `Bearer ${CRON_SECRET}` };
        const cleanup = await visitor.send('/api/cron/cleanup', { headers });
        expect(cleanup.status).toBe(503);
        expect(cleanup.headers.get('retry-after')).toBe('60');

        expect((await visitor.send('/api/health')).status).toBe(200);
        const ready = await visitor.send('/api/ready');
        expect(ready.status).toBe(503);
        expect(ready.json).toMatchObject({ status: 'unavailable', degraded: ['record', 'copies'] });
        expect(server.log()).toContain('Session validation error code=STORE_UNAVAILABLE');
        expect(server.log()).not.toMatch(/hidden-word|x{43}/);
      } finally {
        await server.stop();
      }
    },
    START_MS,
  );
});
