import { afterAll, beforeAll, expect, it } from 'vitest';
import { migratedDatabase, newSession, type TestDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await migratedDatabase();
  await database.psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
});
afterAll(() => database.close());

it('a name of a device travels to no copy: no version, nothing in the outbox', async () => {
  const { session } = await database.sessions.create(newSession('u1', 'd1'));
  await database.psql('DELETE FROM sessions."Outbox"');
  expect(await database.sessions.label('u1', 'web', session.handle, 'Kitchen')).toBe(true);

  const rows = await database.psql('SELECT "label", "version"::int FROM sessions."Session"');
  expect(rows).toEqual([{ label: 'Kitchen', version: session.version }]);
  expect(await database.psql('SELECT 1 FROM sessions."Outbox"')).toEqual([]);
});

it('the database itself refuses a name that is too long or empty', async () => {
  await database.sessions.create(newSession('u1', 'd2'));
  for (const label of ['x'.repeat(65), '']) {
    const write = database.psql('UPDATE sessions."Session" SET "label" = $1', [label]);
    await expect(write).rejects.toThrow('Session_bounds_check');
  }
});
