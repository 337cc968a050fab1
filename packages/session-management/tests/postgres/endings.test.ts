import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { migratedDatabase, newSession, type TestDatabase } from './database.ts';

describe('PostgresSessionAdapter, when sessions end', () => {
  let database: TestDatabase;
  let sessions: PostgresSessionAdapter;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const stateOf = async (digest: string) => (await sessions.read([digest])).get(digest)?.state;
  const waitingForLocks = async () =>
    (
      await psql(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).length;

  beforeAll(async () => {
    database = await migratedDatabase();
    sessions = database.sessions;
  });

  beforeEach(async () => {
    await psql('TRUNCATE "User" CASCADE');
    await psql(
      `INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com'), ('u2', 'eve@example.com')`,
    );
  });

  afterAll(() => database.close());

  it('puts each log-in on one side of an "end all" that races with it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const digests = Array.from({ length: 8 }, (_, n) => `r${round}-${n}`);
      const logins = digests.map((digest) => sessions.create(newSession('u1', digest)));
      const [ended] = await Promise.all([sessions.endAll('u1', 'revoked-all'), ...logins]);

      const epoch = ended.user?.sessionEpoch;
      const rows = await psql<{ epoch: number; revoked: boolean }>(
        'SELECT epoch, "revokedAt" IS NOT NULL AS revoked FROM "Session" WHERE digest = ANY($1)',
        [digests],
      );
      expect(rows).toHaveLength(digests.length);
      for (const row of rows) expect(row.revoked).toBe(row.epoch < (epoch ?? 0));
      const survivors = rows.filter(({ revoked }) => !revoked).length;
      expect((await sessions.endAll('u1', 'revoked-all')).count).toBe(survivors);
    }
  });

  it('makes a log-in wait for an "end all" under way, and live after it', async () => {
    const login = await database.inTransaction(async (client) => {
      await client.query(`SELECT * FROM session_end_all('u1', 'revoked-all')`);
      const waiting = sessions.create(newSession('u1', 'd1'));
      await expect.poll(waitingForLocks).toBe(1);
      await client.query('COMMIT');
      return { made: waiting };
    });

    const { session, user } = await login.made;
    expect([session.epoch, user.sessionEpoch]).toEqual([1, 1]);
    expect(await stateOf('d1')).toBe('live');
  });

  it('names both digests of what ends, also when it had ended, and nothing for what is unknown', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await psql(`UPDATE "Session" SET "previousDigest" = 'd0'`);

    expect(await sessions.endByDigest('d0', 'signed-out')).toMatchObject({
      count: 1,
      digests: ['d1', 'd0'],
    });
    expect(await sessions.endByDigest('d1', 'revoked')).toMatchObject({
      count: 1,
      digests: ['d1', 'd0'],
    });
    expect(await sessions.endByDigest('unknown', 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await psql('SELECT "revokedReason" AS why FROM "Session"')).toEqual([
      { why: 'signed-out' },
    ]);
  });

  it("ends by handle the user's own session of the realm and no other", async () => {
    await sessions.create(newSession('u1', 'd1'));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));

    expect(await sessions.endByHandle('u2', 'web', 'handle-d1', 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await sessions.endByHandle('u1', 'admin', 'handle-d1', 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await sessions.endByHandle('u1', 'web', 'a\0b', 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await sessions.endByHandle('u1', 'web', 'handle-d1', 'revoked')).toMatchObject({
      count: 1,
      digests: ['d1'],
    });
    expect(await sessions.endByHandle('u1', 'web', 'handle-d1', 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
  });

  it('ends the others in the realm, whatever the number of callers', async () => {
    const digests = Array.from({ length: 20 }, (_, n) => `d${n}`);
    for (const digest of digests) await sessions.create(newSession('u1', digest));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));
    await sessions.create(newSession('u2', 'e1'));

    const calls = await Promise.all(
      [1, 2, 3, 4].map(() => sessions.endOthers('u1', 'web', 'handle-d7', 'revoked-others')),
    );

    expect(calls.flatMap((call) => call.digests).sort()).toEqual(
      digests.filter((digest) => digest !== 'd7').sort(),
    );
    expect(await Promise.all(['d7', 'a1', 'e1'].map(stateOf))).toEqual(['live', 'live', 'live']);
  });

  it('ends all of a user in every realm, and says how many lived and what the user is now', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));
    await sessions.create(newSession('u1', 'x1'));
    await sessions.endByDigest('x1', 'signed-out');

    const ended = await sessions.endAll('u1', 'revoked-all');

    expect(ended).toMatchObject({ count: 2, user: { sessionEpoch: 1, user: { id: 'u1' } } });
    expect(
      await psql(`SELECT digest, "revokedReason" AS why FROM "Session" ORDER BY digest`),
    ).toEqual([
      { digest: 'a1', why: 'revoked-all' },
      { digest: 'd1', why: 'revoked-all' },
      { digest: 'x1', why: 'signed-out' },
    ]);
    expect(await sessions.endAll('nobody', 'revoked-all')).toMatchObject({ count: 0, user: null });
    expect(await sessions.endAll('a\0b', 'revoked-all')).toMatchObject({ count: 0, user: null });
  });

  it('moves lastSeenAt forward only, only where the row lives, and past rows that are locked', async () => {
    for (const digest of ['old', 'new', 'ended', 'locked'])
      await sessions.create(newSession('u1', digest));
    await psql(
      `UPDATE "Session" SET "lastSeenAt" = now() - interval '1 hour' WHERE digest <> 'new'`,
    );
    await psql(
      `UPDATE "Session" SET "lastSeenAt" = now() + interval '1 hour' WHERE digest = 'new'`,
    );
    await sessions.endByDigest('ended', 'signed-out');
    await database.inTransaction(async (client) => {
      await client.query(`SELECT 1 FROM "Session" WHERE digest = 'locked' FOR UPDATE`);
      await sessions.touch(
        ['old', 'new', 'ended', 'locked', 'none'].map((digest) => `handle-${digest}`),
        60_000,
      );
    });

    const rows = await psql(
      `SELECT digest, round(extract(epoch FROM "lastSeenAt" - now()) / 3600)::int AS hours, version::int FROM "Session" ORDER BY 1`,
    );
    expect(rows).toEqual([
      { digest: 'ended', hours: -1, version: 2 },
      { digest: 'locked', hours: -1, version: 1 },
      { digest: 'new', hours: 1, version: 1 },
      { digest: 'old', hours: 0, version: 1 },
    ]);
  });

  it('deletes what ended long ago in batches, in parallel, and nothing that lives', async () => {
    await psql(`INSERT INTO "Session" (id, digest, "userId", "expiresAt", "absoluteExpiresAt", "revokedAt", epoch)
      SELECT 'h' || n, 'x' || n, 'u1', now() + (n % 3 - 1) * interval '2 days', now() + interval '9 days',
        CASE WHEN n % 2 = 0 THEN now() - interval '2 days' END, 0 FROM generate_series(1, 300) n`);
    const ended = (
      await psql(
        `SELECT 1 FROM "Session" WHERE "expiresAt" < now() - interval '1 day' OR "revokedAt" IS NOT NULL`,
      )
    ).length;

    expect(await sessions.deleteEnded(10, 86_400_000)).toBe(10);
    const drain = async () => {
      let sum = 0;
      for (let last = 7; last > 0; sum += last) last = await sessions.deleteEnded(7, 86_400_000);
      return sum;
    };
    const sums = await Promise.all([drain(), drain(), drain()]);

    expect(sums.reduce((sum, each) => sum + each, 10)).toBe(ended);
    expect(await psql('SELECT count(*)::int AS rows FROM "Session"')).toEqual([
      { rows: 300 - ended },
    ]);
  });
});
