import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresImpersonations } from '../../src/adapters/postgres-impersonations.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  runnerOn,
  type TestDatabase,
} from './database.ts';

const HANDLE = handleNamed('another');

/** What ends the session that opens one in the place of a user, by psql and by a verb. */
const ENDS: Record<string, [string, (database: TestDatabase) => Promise<unknown>]> = {
  'an "end all"': [
    `SELECT sessions.raise_floor('root', NULL, NULL, 'revoked-all', NULL)`,
    ({ sessions }) => sessions.endAll('root', 'revoked-all'),
  ],
  'an "end others"': [
    `SELECT sessions.raise_floor('root', 'web', '${HANDLE}', 'revoked-others', NULL)`,
    ({ sessions }) => sessions.endOthers('root', 'web', HANDLE, 'revoked-others'),
  ],
  'a new password': [
    `UPDATE "User" SET "hashedPassword" = 'hash-2' WHERE id = 'root'`,
    ({ users }) => users.change('root', { hashedPassword: 'hash-2' }, { keepHandle: HANDLE }),
  ],
  'the loss of its role': [
    `UPDATE "User" SET role = 'USER' WHERE id = 'root'`,
    ({ users }) => users.change('root', { role: 'USER' }),
  ],
  'the deletion of its user': [
    `DELETE FROM "User" WHERE id = 'root'`,
    ({ psql }) => psql(`DELETE FROM "User" WHERE id = 'root'`),
  ],
};
const ends = Object.entries(ENDS).map(([name, [sql, end]]) => ({ name, sql, end }));

describe('a session in the place of a user never outlives the one that opened it', () => {
  let database: TestDatabase;
  const open = (name: string, on = database.sql) =>
    new PostgresImpersonations(on).open({
      ...newSession('ada', name),
      actorDigest: digestNamed('own'),
    });
  const stateOf = async (name: string) => {
    const digest = digestNamed(name);
    return (await database.sessions.read([digest])).get(digest)?.state;
  };

  beforeAll(async () => {
    database = await migratedDatabase();
  });
  afterAll(() => database.close());
  beforeEach(() => signIn());

  async function signIn(): Promise<void> {
    await database.empty();
    await database.psql(
      `INSERT INTO "User"(id, email, role) VALUES ('root', 'r@b.c', 'ADMIN'), ('ada', 'a@b.c', 'USER')`,
    );
    for (const name of ['own', 'another']) await database.sessions.create(newSession('root', name));
  }

  it.each(ends)('and is not opened beside $name that is under way', async ({ sql }) => {
    await database.inTransaction(async (client) => {
      await client.query(sql);
      const refused = expect(open('late')).rejects.toMatchObject({ code: 'IMPERSONATION_REFUSED' });
      await expect.poll(database.waiting).toBe(1);
      await client.query('COMMIT');
      await refused;
    });
    expect(await stateOf('late')).toBe('unknown');
  });

  it.each(ends)('and ends by $name that waited for its opening', async ({ end }) => {
    const ended = await database.inTransaction(async (client) => {
      await open('early', runnerOn(client));
      const waiting = end(database);
      await expect.poll(database.waiting).toBe(1);
      await client.query('COMMIT');
      return { waiting };
    });
    await ended.waiting;
    expect(await stateOf('early')).toBe('revoked');
  });

  it.each(ends)('nor lives after $name, whatever came first', async ({ end }) => {
    for (let round = 0; round < 8; round += 1) {
      await signIn();
      const names = Array.from({ length: 4 }, (_, n) => `child-${n}`);
      const opened = names.slice(0, 2).map((name) => open(name));
      const ending = end(database);
      await Promise.allSettled([...opened, ...names.slice(2).map((name) => open(name))]);
      await ending;

      for (const name of names) expect(await stateOf(name)).not.toBe('live');
    }
  });
});
