import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresAudit } from '../../src/adapters/postgres-audit.ts';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import {
  ADA,
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  runnerOn,
  type TestDatabase,
} from './database.ts';

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
const open = (name: string, given = {}) =>
  database.sessions.create(newSession(userId, `${userId}-${name}`, given));
const handleOf = (name: string) => handleNamed(`${userId}-${name}`);
const digestOf = (name: string) => digestNamed(`${userId}-${name}`);

describe('the audit', () => {
  it('says who opened and ended a session, why and by whom, with the commit', async () => {
    const { session } = await open('a');
    await open('b');
    await open('c');
    await database.sessions.confirmIdentity(digestOf('a'));
    await database.sessions.endByDigest(digestOf('a'), 'signed-out');
    await database.sessions.endByHandle(userId, 'web', handleOf('b'), 'revoked', 'admin-1');
    await database.sessions.endAll(userId, 'revoked-all', 'admin-2');

    const all = { reason: 'revoked-all', by: 'administrator', actor: 'admin-2' };
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
      { kind: 'all-revoked', realm: null, handle: null, ...all },
    ]);

    await database.sessions.markEnded(100);
    const [last, raised] = await audit.list(userId, 2);
    expect(last).toMatchObject({ handle: handleOf('c'), kind: 'revoked', ...all });
    expect(last?.at).toBe(raised?.at);
  });

  it('says what no verb did: a limit, a new password, SQL by hand, time, a deleted user', async () => {
    const limit = { most: 1, rule: 'end-oldest' } as const;
    await open('a', { limit });
    await open('b', { limit });
    await database.psql('UPDATE "User" SET "hashedPassword" = $2 WHERE id = $1', [userId, 'new']);
    await open('c');
    await database.psql('UPDATE sessions."Session" SET "revokedAt" = now() WHERE id = $1', [
      handleOf('c'),
    ]);
    await open('d', { ttlMs: 60_000 });
    const earlier = `now() - interval '2 days'`;
    await database.psql(
      `UPDATE sessions."Session" SET "expiresAt" = ${earlier}, "absoluteExpiresAt" = ${earlier} WHERE id = $1`,
      [handleOf('d')],
    );
    expect(await database.sessions.deleteEnded(100, 86_400_000)).toBe(1);
    await open('e');
    await database.psql('DELETE FROM "User" WHERE id = $1', [userId]);
    await database.sessions.markEnded(100);

    const ends = (await said()).filter(({ kind }) => kind !== 'created');
    expect(ends).toHaveLength(7);
    expect(ends.filter(({ kind }) => kind === 'all-revoked')).toMatchObject([
      { reason: 'password-changed', handle: null, by: 'system' },
      { reason: 'user-deleted', handle: null, by: 'system' },
    ]);
    const ofHandle = (digest: string) => ends.find(({ handle }) => handle === handleOf(digest));
    expect(ofHandle('a')).toMatchObject({ kind: 'revoked', reason: 'limit', by: 'system' });
    expect(ofHandle('b')).toMatchObject({ reason: 'password-changed', by: 'system' });
    expect(ofHandle('c')).toMatchObject({ kind: 'revoked', reason: null, by: 'system' });
    expect(ofHandle('d')).toMatchObject({ kind: 'expired', by: null });
    expect(ofHandle('d')?.at).toBeLessThan(Date.now() - 86_400_000);
    expect(ofHandle('e')).toMatchObject({ kind: 'revoked', reason: 'user-deleted', by: 'system' });
  });

  it('names the administrator where a session in the place of the user is left', async () => {
    await open('a');
    await database.psql(
      `UPDATE sessions."Session" SET "actorId" = 'admin-1', "actorHandle" = gen_random_uuid() WHERE id = $1`,
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
    await database.psql('UPDATE sessions."Session" SET "revokedBy" = $2 WHERE id = $1', [
      handleOf('a'),
      'x',
    ]);
    const rows = await database.psql(
      'SELECT "revokedBy" AS by FROM sessions."Session" WHERE id = $1',
      [handleOf('a')],
    );
    expect(rows).toEqual([{ by: 'admin-1' }]);
    expect(await said()).toHaveLength(2);
  });

  it('says nothing of what was rolled back, of use, or while it is off', async () => {
    await database.inTransaction(async (client) => {
      await new PostgresSessionAdapter(runnerOn(client)).create(newSession(userId, 'rolled-back'));
    });
    await audit.switchTo('off');
    await open('b');
    await database.sessions.endAll(userId, 'revoked-all');
    await open('a');
    await audit.switchTo('on');
    await database.sessions.extend(digestOf('a'), 120_000);
    await database.sessions.touch([handleOf('a')], 0);
    expect(await said()).toEqual([]);
  });
});
