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

const REFUSED = { code: 'IMPERSONATION_REFUSED' };

describe('a session of an administrator in the place of a user', () => {
  let database: TestDatabase;
  const psql = (text: string, values?: unknown[]) => database.psql(text, values);
  const OWN = `digest = sessions.digest('own')`;
  const impersonations = (): PostgresImpersonations => new PostgresImpersonations(database.sql);
  const acted = (name = 'acted') => ({
    ...{ digest: digestNamed(name), handle: handleNamed(name), userId: 'ada', realm: 'web' },
    ...{ ttlMs: 60_000, ip: '', userAgent: null, actorDigest: digestNamed('own') },
  });
  const stateOf = async (name: string) => {
    const digest = digestNamed(name);
    return (await database.sessions.read([digest])).get(digest)?.state;
  };

  beforeAll(async () => {
    database = await migratedDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.empty();
    await psql(
      `INSERT INTO "User"(id, email, role) VALUES ('root', 'r@b.c', 'ADMIN'), ('ada', 'a@b.c', 'USER')`,
    );
    await database.sessions.create(newSession('root', 'own'));
    await impersonations().open(acted());
    await psql('DELETE FROM sessions."Outbox"');
  });

  it.each([
    ['is revoked', `UPDATE sessions."Session" SET "revokedAt" = now() WHERE ${OWN}`, 'revoked'],
    ['is deleted', `DELETE FROM sessions."Session" WHERE ${OWN}`, 'revoked'],
    ['goes with its user', `DELETE FROM "User" WHERE id = 'root'`, 'revoked'],
    [
      'ends with all of its user',
      `SELECT sessions.raise_floor('root', NULL, NULL, 'revoked-all', NULL)`,
      'revoked',
    ],
    [
      'ends with the others of its user',
      `SELECT sessions.raise_floor('root', 'web', gen_random_uuid(), 'revoked-others', NULL)`,
      'revoked',
    ],
    [
      'ends with the password',
      `UPDATE "User" SET "hashedPassword" = 'hash-2' WHERE id = 'root'`,
      'revoked',
    ],
    ['loses its role', `UPDATE "User" SET role = 'USER' WHERE id = 'root'`, 'revoked'],
    ['expires', `UPDATE sessions."Session" SET "expiresAt" = now() WHERE ${OWN}`, 'expired'],
  ])(
    'ends by SQL when the session that opened it %s, and tells the copies',
    async (_how, sql, state) => {
      await psql(sql);
      expect(await stateOf('acted')).toBe(state);
      const told = await psql(`SELECT "isEnd" FROM sessions."Outbox" WHERE key = $1`, [
        digestNamed('acted'),
      ]);
      expect(told).toEqual([{ isEnd: true }]);
    },
  );

  it('goes on where the session that opened it is the one that is kept', async () => {
    const own = handleNamed('own');
    await database.sessions.endOthers('root', 'web', own, 'revoked-others');
    expect(await stateOf('acted')).toBe('live');
    await database.users.change('root', { hashedPassword: 'hash-2' }, { keepHandle: own });
    expect(await stateOf('acted')).toBe('live');
  });

  it('ends with the others, and with all, of the user in whose place it is', async () => {
    await database.sessions.create(newSession('ada', 'hers'));
    await database.sessions.endOthers('ada', 'web', handleNamed('hers'), 'revoked-others');
    expect([await stateOf('acted'), await stateOf('own')]).toEqual(['revoked', 'live']);

    await impersonations().open(acted('again'));
    await database.sessions.endAll('ada', 'revoked-all');
    expect([await stateOf('again'), await stateOf('own')]).toEqual(['revoked', 'live']);
  });

  it('is one session, however often it is said', async () => {
    const { session } = await impersonations().open(acted());
    expect(session).toMatchObject({
      handle: handleNamed('acted'),
      actor: { userId: 'root', handle: handleNamed('own') },
    });
    await psql(
      `UPDATE sessions."Session" SET "revokedAt" = now() WHERE digest = sessions.digest('acted')`,
    );
    await expect(impersonations().open(acted())).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
  });

  it('is not opened by a session whose end is under way', async () => {
    await database.inTransaction(async (client) => {
      await client.query(`UPDATE sessions."Session" SET "revokedAt" = now() WHERE ${OWN}`);
      const refused = expect(impersonations().open(acted('late'))).rejects.toMatchObject(REFUSED);
      await expect.poll(database.waiting).toBe(1);
      await client.query('COMMIT');
      await refused;
    });
    expect(await stateOf('late')).toBe('unknown');
  });

  it('ends by an end of its actor that waited for its opening', async () => {
    await database.inTransaction(async (client) => {
      await new PostgresImpersonations(runnerOn(client)).open(acted('early'));
      const end = database.sessions.endByDigest(digestNamed('own'), 'signed-out');
      await expect.poll(database.waiting).toBe(1);
      await client.query('COMMIT');
      await end;
    });
    expect(await stateOf('early')).toBe('revoked');
  });
});
