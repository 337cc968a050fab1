import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWN_MIGRATIONS, readMigrations } from '../../src/migrations/read-migrations.ts';
import { emptyDatabase, MIGRATIONS, type TestDatabase } from '../postgres/database.ts';
import { command, doctor } from './command.ts';

let database: TestDatabase;
let redisUrl: string;

beforeAll(async () => {
  [database, redisUrl] = await Promise.all([emptyDatabase(), freshRedisUrl()]);
  // Somebody else's, of the shape of the architecture document, which `migrate` would take over.
  const [documentTable] = await readMigrations(OWN_MIGRATIONS);
  await database.psql(`
    CREATE SCHEMA other;
    ${documentTable?.sql};
    INSERT INTO "User"(id, email) VALUES ('1', 'Foo@x.example')`);
});

afterAll(() => database.close());

/** Tables, columns, triggers and functions that are not PostgreSQL's own. */
async function everything(): Promise<unknown> {
  return await database.psql(`
    SELECT table_schema || '.' || table_name || '.' || column_name AS name
    FROM information_schema.columns WHERE table_schema IN ('public', 'other')
    UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT email FROM "User" ORDER BY 1`);
}

const refused = (parameter: string) => ({
  code: 1,
  stdout: '',
  stderr: expect.stringMatching(
    new RegExp(`^DATABASE_(DIRECT_)?URL: the parameter ${parameter} [^\n]*\n$`),
  ),
});

describe('migrate', () => {
  it('reads schema=public, which is in the URLs that Prisma writes', async () => {
    const url = await freshDatabaseUrl();
    const run = await command(['migrate'], { DATABASE_URL: `${url}?schema=public` });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout.match(/^applied /gm)).toHaveLength(MIGRATIONS.length);
    const again = await command(['migrate'], { DATABASE_URL: url });
    expect(again.stdout).toBe('the database is up to date\n');
  });

  it.each([
    ['schema', 'schema=other'],
    ['schema', 'schema='],
    ['schema', 'schema=public&schema=other'],
    ['options', 'options=-c%20search_path%3Dother'],
    ['connection_limit', 'connection_limit=2'],
  ])('refuses %s in ?%s and leaves the database as it is', async (name, parameters) => {
    const before = await everything();
    const url = `${database.url}?${parameters}`;
    expect(await command(['migrate'], { DATABASE_URL: url })).toEqual(refused(name));
    expect(await command(['migrate'], { DATABASE_DIRECT_URL: url })).toEqual(refused(name));
    expect(await everything()).toEqual(before);
  });

  it('refuses what the application would refuse, also where it connects by the other URL', async () => {
    const before = await everything();
    const env = { DATABASE_DIRECT_URL: database.url, DATABASE_URL: `${database.url}?schema=other` };
    expect(await command(['migrate'], env)).toEqual(refused('schema'));
    expect(await everything()).toEqual(before);
  });
});

it.each([['sessions', 'list', '1'], ['cleanup'], ['audit', 'on'], ['stats'], ['after-restore']])(
  '%s refuses as well',
  async (...args) => {
    const DATABASE_URL = `${database.url}?schema=other`;
    const run = await command(args, { DATABASE_URL, REDIS_URL: redisUrl });
    expect(run).toEqual(refused('schema'));
  },
);

describe('doctor', () => {
  it('names each refused parameter, asks that store nothing, and shows no value', async () => {
    const { checks, code, stdout } = await doctor({
      DATABASE_URL: `${database.url}?schema=other&pgbouncer=true`,
      REDIS_URL: `${redisUrl}?db=7`,
    });
    expect(code).toBe(1);
    const found = checks.filter(({ name }) => name === 'variables').map((check) => check.found);
    expect(found).toEqual([
      expect.stringMatching(/^DATABASE_URL: the parameter schema .*; the parameter pgbouncer /),
      expect.stringMatching(/^REDIS_URL: the parameter db /),
    ]);
    expect(checks.map(({ name }) => name)).not.toContain('postgres');
    expect(stdout).not.toMatch(/other|db=7/);
  });

  it('reads schema=public', async () => {
    const DATABASE_URL = `${database.url}?schema=public`;
    const { statusOf } = await doctor({ DATABASE_URL, REDIS_URL: redisUrl });
    expect([statusOf('variables'), statusOf('postgres')]).toEqual([['ok'], ['ok']]);
  });
});
