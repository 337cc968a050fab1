import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { copiedMigrations, emptyDatabase, MIGRATIONS, type TestDatabase } from './database.ts';

let database: TestDatabase;
const migrate = (directory?: string) => applyMigrations({ databaseUrl: database.url, directory });

beforeEach(async () => {
  database = await emptyDatabase();
});

afterEach(() => database.close());

it('keeps nobody waiting for as long as somebody holds the table of users, and applies when it is free', async () => {
  const first = await copiedMigrations(1);
  await migrate(first.directory);
  await first.remove();
  const waits = async () =>
    (
      await database.psql(
        `SELECT FROM pg_stat_activity WHERE application_name = 'session-management migrate'
           AND datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).length;

  await database.inTransaction(async (holder) => {
    await holder.query('SELECT FROM "User"');
    const migrating = migrate();
    await expect.poll(waits).toBe(1);
    // Behind it in the queue for the table: answered though the holder still holds.
    expect(await database.psql('SELECT count(*)::int AS users FROM "User"')).toEqual([
      { users: 0 },
    ]);
    await holder.query('COMMIT');
    expect(await migrating).toEqual(MIGRATIONS.slice(1));
  });
});
