import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresMasters } from '../../src/adapters/postgres-masters.ts';
import { PostgresOutbox } from '../../src/adapters/postgres-outbox.ts';
import { ADA, handleNamed, migratedDatabase, newSession, type TestDatabase } from './database.ts';

let database: TestDatabase;
let userId: string;

beforeAll(async () => {
  database = await migratedDatabase();
});
beforeEach(async () => {
  await database.empty();
  userId = (await database.users.create({ ...ADA, role: 'ADMIN' })).id;
  await database.sessions.create(newSession(userId, 'kept'));
});
afterAll(() => database.close());

describe('what an end of many says of its user', () => {
  it.each([
    ['all', () => database.sessions.endAll(userId, 'revoked-all')],
    [
      'others',
      () => database.sessions.endOthers(userId, 'web', handleNamed('kept'), 'revoked-others'),
    ],
  ] as const)(
    'is true of the version beside it, though the role changed meanwhile: %s',
    async (_which, end) => {
      const ended = await database.inTransaction(async (client) => {
        await client.query(`UPDATE "User" SET "role" = 'USER' WHERE "id" = $1`, [userId]);
        const ending = end();
        await expect.poll(database.waiting).toBe(1);
        await client.query('COMMIT');
        return await ending;
      });
      const { copy } = (await database.users.snapshot(userId)) as { copy: typeof ended.user };
      expect(ended.user?.version).toBe(copy?.version);
      expect(ended.user?.user.role).toBe('USER');
    },
  );
});

describe('the row of a session that was deleted by hand', () => {
  it('stands for whoever carried a change of the version that it had', async () => {
    const outbox = new PostgresOutbox(database.sql);
    const masters = new PostgresMasters(database.sql);
    await masters.take('me', []);
    await masters.name('me', ['a master']);
    const { digest } = newSession(userId, 'kept');
    const { version } = (await database.sessions.extend(digest, 60_000))?.session ?? { version: 0 };
    await database.psql('TRUNCATE sessions."Outbox"');
    await database.psql(`DELETE FROM sessions."Session" WHERE "id" = $1`, [handleNamed('kept')]);

    const change = { kind: 'session', key: digest, master: 'a master' } as const;
    await outbox.deleteCarried([{ ...change, version }]);
    expect(await outbox.depth()).toBe(1);
    await outbox.deleteCarried([{ ...change, version: Number.MAX_SAFE_INTEGER }]);
    expect(await outbox.depth()).toBe(0);
  });
});
