import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { describeSessionRecords, describeUserRecords } from '../../src/testing.ts';
import { migratedDatabase, type TestDatabase } from '../postgres/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await migratedDatabase();
});
afterAll(() => database.close());

/** The one database of this file, emptied. */
async function open() {
  await database.empty();
  return {
    records: database.sessions,
    users: database.users,
    elapse: (ms: number) => sleep(ms + 1),
    removeUser: async (id: string) => {
      await database.psql('DELETE FROM "User" WHERE id = $1', [id]);
    },
    close: async () => undefined,
  };
}

describeSessionRecords('PostgresSessionAdapter', open);

describeUserRecords('PostgreSQLUserAdapter', open);
