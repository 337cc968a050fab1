import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresImpersonations } from '../../src/adapters/postgres-impersonations.ts';
import { migratedDatabase, newSession, runnerOn, type TestDatabase } from './database.ts';

const REFUSED = { code: 'IMPERSONATION_REFUSED' };

describe('a session of an administrator in the place of a user', () => {
  let database: TestDatabase;
  const psql = (text: string) => database.psql(text);
  const impersonations = (): PostgresImpersonations => new PostgresImpersonations(database.sql);
  const acted = (digest = 'acted') => ({
    ...{ digest, handle: `handle-${digest}`, userId: 'ada', realm: 'web', ttlMs: 60_000 },
    ...{ ip: '', userAgent: null, actorDigest: 'own' },
  });
  const stateOf = async (digest: string) =>
    (await database.sessions.read([digest])).get(digest)?.state;

  beforeAll(async () => {
    database = await migratedDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await psql('TRUNCATE "User" CASCADE');
    await psql(
      `INSERT INTO "User"(id, email, role) VALUES ('root', 'r@b.c', 'ADMIN'), ('ada', 'a@b.c', 'USER')`,
    );
    await database.sessions.create(newSession('root', 'own'));
    await impersonations().open(acted());
    await psql('DELETE FROM "Outbox"');
  });

  it.each([
    ['is revoked', `UPDATE "Session" SET "revokedAt" = now() WHERE digest = 'own'`, 'revoked'],
    ['is deleted', `DELETE FROM "Session" WHERE digest = 'own'`, 'revoked'],
    ['goes with its user', `DELETE FROM "User" WHERE id = 'root'`, 'revoked'],
    ['ends by the epoch', `UPDATE "User" SET "sessionEpoch" = 9 WHERE id = 'root'`, 'revoked'],
    ['loses its role', `UPDATE "User" SET role = 'USER' WHERE id = 'root'`, 'revoked'],
    ['expires', `UPDATE "Session" SET "expiresAt" = now() WHERE digest = 'own'`, 'expired'],
  ])(
    'ends by SQL when the session that opened it %s, and tells the copies',
    async (_how, sql, state) => {
      await psql(sql);
      expect(await stateOf('acted')).toBe(state);
      expect(await psql(`SELECT "isEnd" FROM "Outbox" WHERE key = 'acted'`)).toEqual([
        { isEnd: true },
      ]);
    },
  );

  it('is one session, however often it is said', async () => {
    const { session } = await impersonations().open(acted());
    expect(session).toMatchObject({ handle: 'handle-acted', actor: { handle: 'handle-own' } });
    await psql(`UPDATE "Session" SET "revokedAt" = now() WHERE digest = 'acted'`);
    await expect(impersonations().open(acted())).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
  });

  it('is not opened by a session whose end is under way', async () => {
    await database.inTransaction(async (client) => {
      await client.query(`UPDATE "Session" SET "revokedAt" = now() WHERE digest = 'own'`);
      const refused = expect(impersonations().open(acted('late'))).rejects.toMatchObject(REFUSED);
      await expect.poll(() => psql('SELECT 1 FROM pg_locks WHERE NOT granted')).toHaveLength(1);
      await client.query('COMMIT');
      await refused;
    });
    expect(await stateOf('late')).toBe('unknown');
  });

  it('ends by an end of its actor that waited for its opening', async () => {
    await database.inTransaction(async (client) => {
      await new PostgresImpersonations(runnerOn(client)).open(acted('early'));
      const end = database.sessions.endByDigest('own', 'signed-out');
      await expect.poll(() => psql('SELECT 1 FROM pg_locks WHERE NOT granted')).toHaveLength(1);
      await client.query('COMMIT');
      await end;
    });
    expect(await stateOf('early')).toBe('revoked');
  });
});
