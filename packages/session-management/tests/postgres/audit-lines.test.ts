import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresAudit } from '../../src/adapters/postgres-audit.ts';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { ADA, migratedDatabase, newSession, runnerOn, type TestDatabase } from './database.ts';

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
const open = (name: string) => database.sessions.create(newSession(userId, `${userId}-${name}`));

describe('the lines of the audit', () => {
  it('are only added to, whoever asks', async () => {
    await open('a');
    const tries = [
      'UPDATE sessions."Audit" SET "handle" = gen_random_uuid()',
      'DELETE FROM sessions."Audit"',
      'TRUNCATE sessions."Audit"',
    ];
    for (const text of tries) {
      await expect(database.psql(text)).rejects.toThrow('only added to');
    }
    expect(await said()).toHaveLength(1);
  });

  it('go in batches when they are old, a day at least, and no others', async () => {
    await database.psql(
      `INSERT INTO sessions."Audit"("at", kind, "userId", realm, handle)
       SELECT now() - n * interval '1 day', 'created', $1, 'web', lpad(n::text, 32, '0')::uuid FROM generate_series(0, 9) n`,
      [userId],
    );
    await database.psql(
      `INSERT INTO sessions."Audit"("at", kind, "userId", realm, handle)
       VALUES (now() - interval '5 days' + interval '30 s', 'created', $1, 'web', lpad('f', 32, '0')::uuid)`,
      [userId],
    );
    const fiveDays = 5 * 86_400_000;
    expect(await audit.deleteOld(3, fiveDays)).toBe(3);
    expect(await audit.deleteOld(3, fiveDays)).toBe(2);
    expect(await audit.deleteOld(3, fiveDays)).toBe(0);
    const kept = (await said()).map(({ handle }) => handle?.at(-1));
    expect(kept).toEqual(['f', '4', '3', '2', '1', '0']);
    await audit.deleteOld(100, 0);
    expect((await said()).map(({ handle }) => handle?.at(-1))).toEqual(['0']);
    await expect(database.psql('DELETE FROM sessions."Audit"')).rejects.toThrow('only added to');
  });

  it('are written and shortened for a role that has no right to them', async () => {
    await database.inTransaction(async (client) => {
      await client.query('CREATE ROLE audited');
      await client.query('GRANT USAGE ON SCHEMA public, sessions TO audited');
      await client.query(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON "User", sessions."Subject", sessions."Session",
           sessions."Raise", sessions."Outbox" TO audited`,
      );
      await client.query('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sessions TO audited');
      await client.query(
        `INSERT INTO sessions."Audit"("at", kind, "userId", realm, handle)
         VALUES (now() - interval '400 days', 'created', 'u', 'web', gen_random_uuid())`,
      );
      await client.query('SET LOCAL ROLE audited');
      const theirs = new PostgresSessionAdapter(runnerOn(client));
      await theirs.create(newSession(userId, 'theirs'));
      await theirs.endAll(userId, 'revoked-all');
      const old = new PostgresAudit(runnerOn(client));
      expect(await old.deleteOld(9, 365 * 86_400_000)).toBe(1);
      await expect(client.query('SELECT 1 FROM sessions."Audit"')).rejects.toThrow('permission');
      await client.query('ROLLBACK');
    });
  });
});
