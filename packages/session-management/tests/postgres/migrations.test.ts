import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    const rows = await database.psql(
      'SELECT migration_name, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY 1',
    );
    expect(rows).toEqual(NAMES.map((name) => ({ migration_name: name, finished: true })));
  });

  it('refuses a migration that was edited after it was applied', async () => {
    await migrate();
    await appendFile(join(files.directory, '20250101000000_user/migration.sql'), '\n-- edited');

    expect((await failure()).message).toContain('edited after it was applied');
  });

  it('refuses to go on after one that began and did not finish', async () => {
    await migrate();
    await database.psql(
      'UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = $1',
      [NAMES[1]],
    );

    expect((await failure()).message).toContain('prisma migrate resolve --rolled-back');
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
    await database.psql('DROP TABLE _prisma_migrations');
    await database.psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'Ada@Example.com')`);

    expect(await migrate()).toEqual(NAMES);
    expect(await database.psql('SELECT email FROM "User"')).toEqual([{ email: 'ada@example.com' }]);
    await first.remove();
  });

  it('names what a foreign table "User" lacks, and leaves it alone', async () => {
    await database.psql('CREATE TABLE "User" (id text PRIMARY KEY, email text)');

    expect((await failure()).message).toContain('role UserRole');
    expect(await database.psql('SELECT count(*)::int AS rows FROM _prisma_migrations')).toEqual([
      { rows: 0 },
    ]);
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

  it('keeps another schema than public working, whatever the search_path of the caller', async () => {
    await database.psql('CREATE SCHEMA auth');
    const url = new URL(database.url);
    url.searchParams.set('options', '-c search_path=auth');
    await applyMigrations({ databaseUrl: url.href });

    await database.psql(
      `INSERT INTO auth."User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', 'plain-1')`,
    );
    await database.psql(`UPDATE auth."User" SET "hashedPassword" = 'h'`);

    expect(await database.psql('SELECT "revokedReason" AS why FROM auth."Session"')).toEqual([
      { why: 'password-changed' },
    ]);
  });
});
