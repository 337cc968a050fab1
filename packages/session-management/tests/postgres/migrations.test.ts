import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations, pendingMigrations } from '../../src/migrations/apply-migrations.ts';
import { hasCode } from '../../src/types/index.ts';
import {
  copiedMigrations,
  emptyDatabase,
  MIGRATIONS as NAMES,
  type TestDatabase,
} from './database.ts';

describe('applyMigrations', () => {
  let database: TestDatabase;
  let files: Awaited<ReturnType<typeof copiedMigrations>>;
  const migrate = () => applyMigrations({ databaseUrl: database.url, directory: files.directory });
  const failure = async (): Promise<Error> => {
    const error = await migrate().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!hasCode(error, 'MIGRATION_FAILED'))
      throw new Error('expected a refusal', { cause: error });
    return error as Error;
  };

  beforeEach(async () => {
    database = await emptyDatabase();
    files = await copiedMigrations();
  });

  afterEach(async () => {
    await database.close();
    await files.remove();
  });

  it('applies what is pending, tells the progress, and has nothing to do the second time', async () => {
    const progress: unknown[] = [];
    const target = { databaseUrl: database.url };

    expect(await pendingMigrations(target)).toEqual(NAMES);
    await applyMigrations({ ...target, onProgress: (...told) => progress.push(told) });

    expect(progress).toEqual(NAMES.map((name, at) => [name, at + 1, NAMES.length]));
    expect(await applyMigrations(target)).toEqual([]);
    expect(await pendingMigrations(target)).toEqual([]);
  });

  it('applies each migration once when four runners start together', async () => {
    const applied = await Promise.all([migrate(), migrate(), migrate(), migrate()]);

    expect(applied.flat().sort()).toEqual(NAMES);
    const rows = await database.psql('SELECT name FROM sessions."Migration" ORDER BY 1');
    expect(rows).toEqual(NAMES.map((name) => ({ name })));
    const prisma = await database.psql(`SELECT to_regclass('_prisma_migrations') AS there`);
    expect(prisma).toEqual([{ there: null }]);
  });

  it('refuses a migration that was edited after it was applied', async () => {
    await migrate();
    await appendFile(join(files.directory, '20250101000000_user/migration.sql'), '\n-- edited');

    expect((await failure()).message).toContain('edited after it was applied');
  });

  it('leaves nothing of a migration that fails, and gives the words of the database', async () => {
    await mkdir(join(files.directory, '20990101000000_broken'));
    await writeFile(
      join(files.directory, '20990101000000_broken/migration.sql'),
      'CREATE TABLE "Left" (id int); SELECT 1 / 0;',
    );

    expect((await failure()).message).toMatch(/20990101000000_broken[\s\S]*division by zero/);
    expect(await database.psql(`SELECT to_regclass('"Left"') AS left`)).toEqual([{ left: null }]);
    expect(
      await pendingMigrations({ databaseUrl: database.url, directory: files.directory }),
    ).toEqual(['20990101000000_broken']);
  });

  it("counts the first migration as applied where the document's table is there already", async () => {
    const first = await copiedMigrations(1);
    await applyMigrations({ databaseUrl: database.url, directory: first.directory });
    await database.psql('DROP SCHEMA sessions CASCADE');
    await database.psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'Ada@Example.com')`);

    expect(await migrate()).toEqual(NAMES);
    expect(await database.psql('SELECT email FROM "User"')).toEqual([{ email: 'ada@example.com' }]);
    await first.remove();
  });

  it('names what a foreign table "User" lacks, and leaves it alone', async () => {
    await database.psql('CREATE TABLE "User" (id text PRIMARY KEY, email text)');

    expect((await failure()).message).toContain('role UserRole');
    expect(await database.psql('SELECT 1 FROM sessions."Migration"')).toEqual([]);
    const tables = await database.psql(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    expect(tables).toEqual([{ name: 'User' }]);
  });

  it('says nothing of the password when the database cannot be reached or the string not be read', async () => {
    const secret = 'hunter2-in-the-url';
    for (const databaseUrl of [
      `postgresql://app:${secret}@127.0.0.1:1/none`,
      `postgresql://app:${secret}@[bad`,
    ]) {
      const error: unknown = await applyMigrations({ databaseUrl }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(Error);
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret);
      expect(String((error as Error).cause)).not.toContain(secret);
    }
  });

  it('puts users into public and sessions into a schema of theirs, whatever the search_path', async () => {
    await database.psql('CREATE SCHEMA auth');
    const url = new URL(database.url);
    url.searchParams.set('options', '-c search_path=auth');
    await applyMigrations({ databaseUrl: url.href });

    const schemas = await database.psql(
      `SELECT DISTINCT relnamespace::regnamespace::text AS schema FROM pg_class
       WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('auth', 'public', 'sessions') ORDER BY 1`,
    );
    expect(schemas).toEqual([{ schema: 'public' }, { schema: 'sessions' }]);
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(
      `INSERT INTO public."User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', 'plain-1')`,
    );
    expect((await database.users.findBySessionId('plain-1'))?.id).toBe('u1');
    await client.query(`UPDATE public."User" SET "hashedPassword" = 'h'`);
    expect(await database.users.findBySessionId('plain-1')).toBeNull();
    await client.end();
  });

  it('neither makes nor reads nor writes the history that an application keeps with Prisma', async () => {
    await database.psql('CREATE TABLE _prisma_migrations (id text, migration_name text)');
    await database.psql(`INSERT INTO _prisma_migrations VALUES ('1', '${NAMES[1]}')`);
    expect(await migrate()).toEqual(NAMES);

    expect(await database.psql('SELECT * FROM _prisma_migrations')).toEqual([
      { id: '1', migration_name: NAMES[1] },
    ]);
  });

  it("leaves the users' table the document's columns: triggers alone are added", async () => {
    const columns = () =>
      database.psql(
        `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required
         FROM pg_attribute WHERE attrelid = 'public."User"'::regclass AND attnum > 0 AND NOT attisdropped
         ORDER BY attnum`,
      );
    const first = await copiedMigrations(1);
    await applyMigrations({ databaseUrl: database.url, directory: first.directory });
    await first.remove();
    const before = await columns();
    await migrate();

    expect(await columns()).toEqual(before);
    const foreign = `SELECT conname FROM pg_constraint WHERE contype = 'f'`;
    expect(await database.psql(foreign)).toEqual([]);
  });
});
