import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresAudit } from '../../src/adapters/postgres-audit.ts';
import { ADA, migratedDatabase, newSession, type TestDatabase } from './database.ts';

let database: TestDatabase;
let audit: PostgresAudit;
let userId: string;

beforeAll(async () => {
  database = await migratedDatabase();
  audit = new PostgresAudit(database.sql);
});
afterAll(() => database.close());

let users = 0;
beforeEach(async () => {
  await audit.switchTo('on');
  users += 1;
  userId = (await database.users.create({ ...ADA, email: `user-${users}@example.com` })).id;
});

/** What the audit says of the user, the oldest first. */
const said = async () => (await audit.list(userId, 100)).reverse();
const open = (digest: string, given = {}) =>
  database.sessions.create(newSession(userId, `${userId}-${digest}`, given));
const handleOf = (digest: string) => `handle-${userId}-${digest}`;
const digestOf = (digest: string) => `${userId}-${digest}`;

describe('the audit', () => {
  it('says who opened and ended a session, why and by whom, with the commit', async () => {
    const { session } = await open('a');
    await open('b');
    await open('c');
    await database.sessions.confirmIdentity(digestOf('a'));
    await database.sessions.endByDigest(digestOf('a'), 'signed-out');
    await database.sessions.endByHandle(userId, 'web', handleOf('b'), 'revoked', 'admin-1');
    await database.sessions.endAll(userId, 'revoked-all', 'admin-2');

    const whose = { realm: 'web', handle: handleOf('a') };
    const first = await said();
    expect(first[0]).toEqual({
      ...whose,
      at: session.createdAt,
      kind: 'created',
      reason: null,
      by: null,
      actor: null,
      ip: '203.0.113.7',
      userAgent: 'Firefox',
    });
    expect(first.slice(3)).toMatchObject([
      { ...whose, kind: 'identity-confirmed', ip: null },
      { ...whose, kind: 'revoked', reason: 'signed-out', by: 'user', actor: null },
      { handle: handleOf('b'), reason: 'revoked', by: 'administrator', actor: 'admin-1' },
      { handle: handleOf('c'), reason: 'revoked-all', by: 'administrator', actor: 'admin-2' },
    ]);
  });

  it('says what no verb did: a limit, a new password, SQL by hand, time, a deleted user', async () => {
    const limit = { most: 1, rule: 'end-oldest' } as const;
    await open('a', { limit });
    await open('b', { limit });
    await database.psql('UPDATE "User" SET "hashedPassword" = $2 WHERE id = $1', [userId, 'new']);
    await open('c');
    await database.psql('UPDATE "Session" SET "revokedAt" = now() WHERE id = $1', [handleOf('c')]);
    await open('d', { ttlMs: 60_000 });
    const earlier = `now() - interval '2 days'`;
    await database.psql(
      `UPDATE "Session" SET "expiresAt" = ${earlier}, "absoluteExpiresAt" = ${earlier} WHERE id = $1`,
      [handleOf('d')],
    );
    expect(await database.sessions.deleteEnded(100, 86_400_000)).toBe(1);
    await open('e');
    await database.psql('DELETE FROM "User" WHERE id = $1', [userId]);

    const ends = (await said()).filter(({ kind }) => kind !== 'created');
    expect(ends).toHaveLength(5);
    const ofHandle = (digest: string) => ends.find(({ handle }) => handle === handleOf(digest));
    expect(ofHandle('a')).toMatchObject({ kind: 'revoked', reason: 'limit', by: 'system' });
    expect(ofHandle('b')).toMatchObject({ reason: 'password-changed', by: 'system' });
    expect(ofHandle('c')).toMatchObject({ kind: 'revoked', reason: null, by: 'system' });
    expect(ofHandle('d')).toMatchObject({ kind: 'expired', by: null });
    expect(ofHandle('d')?.at).toBeLessThan(Date.now() - 86_400_000);
    expect(ofHandle('e')).toMatchObject({ kind: 'deleted', by: null });
  });

  it('names the administrator where a session in the place of the user is left', async () => {
    await open('a');
    await database.psql(
      `UPDATE "Session" SET "actorId" = 'admin-1', "actorHandle" = 'h' WHERE id = $1`,
      [handleOf('a')],
    );
    expect(await database.sessions.endByDigest(digestOf('a'), 'signed-out')).toMatchObject({
      actor: 'admin-1',
    });
    const left = { reason: 'signed-out', by: 'administrator', actor: 'admin-1' };
    expect((await said()).at(-1)).toMatchObject(left);
  });

  it('keeps the first word on by whom a session ended', async () => {
    await open('a');
    await database.sessions.endByHandle(userId, 'web', handleOf('a'), 'revoked', 'admin-1');
    await database.psql('UPDATE "Session" SET "revokedBy" = $2 WHERE id = $1', [
      handleOf('a'),
      'x',
    ]);
    const rows = await database.psql('SELECT "revokedBy" AS by FROM "Session" WHERE id = $1', [
      handleOf('a'),
    ]);
    expect(rows).toEqual([{ by: 'admin-1' }]);
    expect(await said()).toHaveLength(2);
  });

  it('says nothing of what was rolled back, of use, or while it is off', async () => {
    await database.inTransaction(async (client) => {
      await client.query(
        `INSERT INTO "Session"(id, digest, "userId", "expiresAt", "absoluteExpiresAt", epoch)
         VALUES ('rolled-back', 'rolled-back', $1, now(), now(), 0)`,
        [userId],
      );
    });
    await audit.switchTo('off');
    await open('a');
    await audit.switchTo('on');
    await database.sessions.extend(digestOf('a'), 120_000);
    await database.sessions.touch([handleOf('a')], 0);
    expect(await said()).toEqual([]);
  });

  it('is only added to, whoever asks', async () => {
    await open('a');
    const tries = [
      'UPDATE "SessionAudit" SET "handle" = \'other\'',
      'DELETE FROM "SessionAudit"',
      'TRUNCATE "SessionAudit"',
    ];
    for (const text of tries) {
      await expect(database.psql(text)).rejects.toThrow('only added to');
    }
    expect(await said()).toHaveLength(1);
  });

  it('loses its old lines in batches, and no others', async () => {
    await database.psql(
      `INSERT INTO "SessionAudit"("at", kind, "userId", realm, handle)
       SELECT now() - n * interval '1 day', 'created', $1, 'web', n FROM generate_series(0, 9) n`,
      [userId],
    );
    await database.psql(
      `INSERT INTO "SessionAudit"("at", kind, "userId", realm, handle)
       VALUES (now() - interval '5 days' + interval '30 s', 'created', $1, 'web', 'nearly 5')`,
      [userId],
    );
    const fiveDays = 5 * 86_400_000;
    expect(await audit.deleteOld(3, fiveDays)).toBe(3);
    expect(await audit.deleteOld(3, fiveDays)).toBe(2);
    expect(await audit.deleteOld(3, fiveDays)).toBe(0);
    const kept = (await said()).map(({ handle }) => handle);
    expect(kept).toEqual(['nearly 5', '4', '3', '2', '1', '0']);
    await expect(database.psql('DELETE FROM "SessionAudit"')).rejects.toThrow('only added to');
  });

  it('is written and shortened for a role that has no right to it', async () => {
    await database.inTransaction(async (client) => {
      await client.query('CREATE ROLE audited');
      await client.query('GRANT USAGE ON SCHEMA public TO audited');
      await client.query('GRANT SELECT, INSERT, UPDATE, DELETE ON "User", "Session" TO audited');
      await client.query(
        `INSERT INTO "SessionAudit"("at", kind, "userId", realm, handle)
         VALUES (now() - interval '400 days', 'created', 'u', 'web', 'h')`,
      );
      await client.query('SET LOCAL ROLE audited');
      await client.query(
        `INSERT INTO "Session"(id, digest, "userId", "expiresAt", "absoluteExpiresAt", epoch)
         VALUES ('theirs', 'theirs', $1, now() + interval '1 h', now() + interval '1 h', 0)`,
        [userId],
      );
      const { rows } = await client.query(
        'SELECT session_audit_forget(9, 365 * 86400000.0) AS gone',
      );
      expect(rows).toEqual([{ gone: 1 }]);
      await expect(client.query('SELECT 1 FROM "SessionAudit"')).rejects.toThrow('permission');
      await client.query('ROLLBACK');
    });
  });
});
