import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GRACE } from '../../src/adapters/postgres-columns.ts';
import { READ } from '../../src/adapters/postgres-rows.ts';
import { migratedDatabase, newSession, type TestDatabase } from './database.ts';

describe('PostgresSessionAdapter, when sessions rotate', () => {
  let database: TestDatabase;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const lockedOut = async () =>
    (
      await psql(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).length;
  const rotateIn = (digest: string, next: string) =>
    `SELECT * FROM session_rotate('${digest}', '${next}', ${GRACE})`;

  beforeAll(async () => {
    database = await migratedDatabase();
  });

  beforeEach(async () => {
    await psql('TRUNCATE "User" CASCADE');
    await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
    await database.sessions.create(newSession('u1', 'd0'));
    await psql('TRUNCATE "Outbox"');
  });

  afterAll(() => database.close());

  it('writes what copies must learn of: every digest that was or is, as an end', async () => {
    await database.sessions.rotate('d0', 'd1');
    await psql('TRUNCATE "Outbox"');
    await database.sessions.rotate('d1', 'd2');

    expect(await psql('SELECT key, "isEnd" FROM "Outbox" ORDER BY key')).toEqual([
      { key: 'd0', isEnd: true },
      { key: 'd1', isEnd: true },
      { key: 'd2', isEnd: true },
    ]);
  });

  it('names the next digest, too, to a sign-out that waited for the rotation', async () => {
    const waiting = await database.inTransaction(async (client) => {
      await client.query(rotateIn('d0', 'd1'));
      const ended = database.sessions.endByDigest('d0', 'signed-out');
      await expect.poll(lockedOut).toBe(1);
      await client.query('COMMIT');
      return { ended };
    });

    const { digests, ended } = await waiting.ended;
    expect(digests).toEqual(['d1', 'd0']);
    expect(ended).toEqual([{ userId: 'u1', realm: 'web', handle: 'handle-d0' }]);
  });

  it('rotates nothing when an "end all" or a sign-out was under way', async () => {
    for (const end of [
      `SELECT * FROM session_end_all('u1', 'revoked-all')`,
      `UPDATE "Session" SET "revokedAt" = now() WHERE digest = 'e0'`,
    ]) {
      await psql('DELETE FROM "Session"');
      await database.sessions.create(newSession('u1', 'e0'));
      const waiting = await database.inTransaction(async (client) => {
        await client.query(end);
        const rotation = database.sessions.rotate('e0', 'e1');
        await expect.poll(lockedOut).toBe(1);
        await client.query('COMMIT');
        return { rotation };
      });

      expect(await waiting.rotation).toEqual({ state: 'revoked' });
      expect(await psql('SELECT digest FROM "Session"')).toEqual([{ digest: 'e0' }]);
    }
  });

  it('lets the column sessionId follow the session that it named, and raises no version of the user', async () => {
    await psql(`UPDATE "User" SET "sessionId" = 'a-plain-one'`);
    const [before] = await psql<{ digest: string; version: string }>(
      `SELECT substr("sessionId", 8) AS digest, version FROM "User"`,
    );
    await database.sessions.rotate(before?.digest ?? '', 'n1');

    expect(await psql('SELECT "sessionId", version FROM "User"')).toEqual([
      { sessionId: 'sha256:n1', version: before?.version },
    ]);
  });

  it('does not look at previous digests for one that a session has now', async () => {
    await database.sessions.rotate('d0', 'd1');
    const explained = async (digest: string) =>
      (
        await psql<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, COSTS OFF) ${READ.text}`, [
          [digest],
        ])
      )
        .map((line) => line['QUERY PLAN'])
        .join('\n');
    await psql('SET enable_seqscan = off');

    expect(await explained('d1')).toMatch(/on "Session" old \(never executed\)/);
    expect(await explained('d0')).toMatch(/on "Session" old \(actual/);
  });
});
