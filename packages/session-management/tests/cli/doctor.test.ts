import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migratedDatabase, type TestDatabase } from '../postgres/database.ts';
import { command, doctor } from './command.ts';

const ROLE = `doctor_test_${process.pid}`;

let database: TestDatabase;
let env: { DATABASE_URL: string; REDIS_URL: string };

beforeAll(async () => {
  database = await migratedDatabase();
  env = { DATABASE_URL: database.url, REDIS_URL: await freshRedisUrl() };
});

afterAll(() => database.close());

/** The same database, as somebody else. */
const as = (role: string): string => {
  const url = new URL(database.url);
  url.username = role;
  return url.href;
};

describe('session-management doctor', () => {
  it('fails nothing on two healthy stores', async () => {
    const { checks, code, notOk, ok, stderr } = await doctor(env);

    expect({ code, ok, stderr }).toEqual({ code: 0, ok: true, stderr: '' });
    expect(checks.map(({ name }) => name)).toEqual([
      ...['variables', 'mode', 'policy web', 'times', 'sizes', 'log-in limits', 'cleanup'],
      ...['postgres', 'postgres version', 'postgres encoding'],
      ...['postgres collation', 'postgres role', 'postgres timeout', 'postgres rights'],
      ...[
        'postgres strangers',
        'migrations',
        'redis',
        'redis version',
        'redis role',
        'redis eviction',
      ],
      ...['redis rights', 'redis tracking', 'clocks'],
    ]);
    // The role of the tests has no statement_timeout.
    expect(notOk()).toEqual(['postgres timeout']);
  });

  it('says in words what it found and how to mend it', async () => {
    const { code, stdout } = await command(['doctor'], env);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}variables /);
    expect(stdout).toMatch(
      /\nwarn {2}postgres timeout .*\n {6}mend: ALTER ROLE CURRENT_USER SET statement_timeout = '1s'/,
    );
    expect(stdout).toMatch(/\n23 checks: 22 ok, 1 to look at, 0 failed\n$/);
  });

  it('names every wrong variable at once, and shows no URL', async () => {
    const { checks, code, stdout } = await doctor({
      DATABASE_URL: 'mysql://ada:secret@127.0.0.1/app',
      SESSION_CONFIRM_AFTER: '1h',
      SESSION_MAX_CONNECTIONS: '0',
      FORCE_MOCK_MODE: 'yes',
    });

    expect(code).toBe(1);
    const variables = checks.filter(({ status }) => status === 'fail').map(({ name }) => name);
    expect(variables).toEqual(Array(4).fill('variables'));
    for (const name of ['DATABASE_URL', 'CONFIRM_AFTER', 'MAX_CONNECTIONS', 'MOCK_MODE']) {
      expect(stdout).toContain(name);
    }
    expect(stdout).not.toMatch(/secret|ada/);
  });

  it('says what the application would make of the environment', async () => {
    const hole = await doctor({ DATABASE_URL: env.DATABASE_URL });
    expect(hole.statusOf('mode')).toEqual(['fail']);
    expect(hole.stdout).toContain('NODE_ENV=production needs REDIS_URL');

    const unknown = await doctor({ ...env, NODE_ENV: 'staging' });
    expect(unknown.statusOf('mode')).toEqual(['fail']);

    const memory = await doctor({ NODE_ENV: 'test' });
    expect({ code: memory.code, mode: memory.statusOf('mode') }).toEqual({
      code: 0,
      mode: ['warn'],
    });
  });

  it('tells of stores that do not answer by their place, without credentials', async () => {
    const { checks, code, stderr, stdout } = await doctor({
      DATABASE_URL: 'postgresql://ada:secret@127.0.0.1:1/app',
      REDIS_URL: 'redis://ada:secret@127.0.0.1:1',
    });

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([
      {
        name: 'postgres',
        status: 'fail',
        found: '127.0.0.1:1/app does not answer: nothing listens there',
        mend: 'start it, or correct DATABASE_URL',
      },
      {
        name: 'redis',
        status: 'fail',
        found: '127.0.0.1:1 does not answer: nothing listens there',
        mend: 'start it, or correct REDIS_URL',
      },
    ]);
    expect(stdout).not.toMatch(/secret|ada/);
  });

  it('names a database that is not there', async () => {
    const { stdout } = await doctor({ ...env, DATABASE_URL: `${env.DATABASE_URL}_not_there` });
    expect(stdout).toContain('does not answer: there is no such database');
  });

  it('tells pending migrations', async () => {
    const { checks, code } = await doctor({ ...env, DATABASE_URL: await freshDatabaseUrl() });

    expect(code).toBe(1);
    expect(checks.find(({ name }) => name === 'migrations')).toMatchObject({
      status: 'fail',
      found: expect.stringMatching(/^pending: 20250101000000_user, .*_sessions/),
      mend: 'session-management migrate',
    });
  });

  it('tells a migration that was edited after it was applied', async () => {
    const changed = await migratedDatabase();
    const broken = { ...env, DATABASE_URL: changed.url };
    await changed.psql(`UPDATE sessions."Migration" SET checksum = 'x' WHERE name ~ 'user'`);
    const edited = (await doctor(broken)).checks.find(({ name }) => name === 'migrations');
    await changed.close();

    expect(edited?.found).toBe('migration 20250101000000_user was edited after it was applied');
    expect(edited?.mend).toMatch(/^restore the file/);
  });

  it("is content with a role's statement_timeout, and names the rights that a role lacks", async () => {
    await database.psql(`CREATE ROLE ${ROLE} LOGIN`);
    try {
      await database.psql(`ALTER ROLE ${ROLE} SET statement_timeout = '1s'`);
      await database.psql(`GRANT SELECT, INSERT, UPDATE ON "User", sessions."Session" TO ${ROLE}`);
      const { checks, code, statusOf } = await doctor({
        DATABASE_URL: as(ROLE),
        DATABASE_DIRECT_URL: env.DATABASE_URL,
        REDIS_URL: env.REDIS_URL,
      });

      expect(code).toBe(1);
      expect(statusOf('postgres timeout')).toEqual(['ok']);
      const { found } = checks.find(({ name }) => name === 'postgres rights') ?? {};
      expect(found).toMatch(/DELETE on sessions\."Session"/);
      expect(found).toMatch(/USAGE on schema sessions/);
      expect(found).toMatch(/EXECUTE on sessions\.create_session/);
      expect(found).not.toMatch(/SELECT on (public\."User"|sessions\."Session")/);
    } finally {
      await database.psql(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`);
    }
  });
});
