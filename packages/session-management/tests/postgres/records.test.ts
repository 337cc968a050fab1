import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READ } from '../../src/adapters/postgres-rows.ts';
import type { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { migratedDatabase, newSession, type TestDatabase } from './database.ts';

describe('PostgresSessionAdapter', () => {
  let database: TestDatabase;
  let sessions: PostgresSessionAdapter;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const stateOf = async (digest: string) => (await sessions.read([digest])).get(digest)?.state;

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

  it('makes a session whole, and reads it back the same', async () => {
    const made = await sessions.create(newSession('u1', 'd1', { ttlMs: 90_000 }));
    const read = (await sessions.read(['d1'])).get('d1');

    expect(made.session).toMatchObject({
      digest: 'd1',
      handle: 'handle-d1',
      userId: 'u1',
      realm: 'web',
      ip: '203.0.113.7',
      userAgent: 'Firefox',
      epoch: 0,
      version: 1,
    });
    expect(made.session.expiresAt - made.session.createdAt).toBe(90_000);
    expect(made.session.absoluteExpiresAt - made.session.createdAt).toBe(3_600_000);
    expect(made.user).toMatchObject({
      sessionEpoch: 0,
      user: { id: 'u1', email: 'ada@example.com' },
    });
    expect(made.user.user).not.toHaveProperty('hashedPassword');
    const confirmedAt = read?.state === 'live' ? read.live.session.confirmedAt : 0;
    expect(confirmedAt).toBeGreaterThanOrEqual(made.session.confirmedAt);
    expect(Number.isInteger(confirmedAt)).toBe(true);
    expect(read).toEqual({
      state: 'live',
      live: { session: { ...made.session, confirmedAt }, user: { ...made.user, confirmedAt } },
    });
  });

  it('bounds the lifetime by the absolute limit and the texts by their columns', async () => {
    const { session } = await sessions.create(
      newSession('u1', 'd1', {
        ttlMs: 9e9,
        absoluteMs: 1_000,
        ip: '1'.repeat(99),
        userAgent: '😀'.repeat(600),
      }),
    );

    expect(session.expiresAt).toBe(session.absoluteExpiresAt);
    expect([session.ip.length, [...(session.userAgent ?? '')].length]).toEqual([64, 512]);
  });

  it('throws for a user who is not there', async () => {
    await expect(sessions.create(newSession('nobody', 'd1'))).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
    await expect(sessions.create(newSession('a\0b', 'd1'))).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });

  it('makes one row of one digest that is said many times at once', async () => {
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        sessions.create(newSession('u1', 'd1', { handle: `h${n}` })),
      ),
    );

    expect(new Set(made.map(({ session }) => session.handle)).size).toBe(1);
    expect(await psql('SELECT count(*)::int AS rows FROM "Session"')).toEqual([{ rows: 1 }]);
  });

  it("does not bring back, by saying it again, what has ended or is another user's", async () => {
    await sessions.create(newSession('u1', 'd1'));
    await expect(sessions.create(newSession('u2', 'd1'))).rejects.toMatchObject({
      code: 'SESSION_REVOKED',
    });
    await sessions.endByDigest('d1', 'signed-out');

    await expect(sessions.create(newSession('u1', 'd1'))).rejects.toMatchObject({
      code: 'SESSION_REVOKED',
    });
  });

  it('answers each digest with what it is', async () => {
    for (const digest of ['live', 'expired', 'revoked', 'behind'])
      await sessions.create(newSession('u1', digest));
    await psql(`UPDATE "Session" SET "expiresAt" = now() WHERE digest = 'expired'`);
    await sessions.endByDigest('revoked', 'signed-out');
    await psql(`UPDATE "Session" SET epoch = -1 WHERE digest = 'behind'`);

    const answers = await sessions.read([
      'live',
      'expired',
      'revoked',
      'behind',
      'unknown',
      'unknown',
    ]);
    const states = Object.fromEntries([...answers].map(([digest, { state }]) => [digest, state]));
    expect(states).toEqual({
      live: 'live',
      expired: 'expired',
      revoked: 'revoked',
      behind: 'revoked',
      unknown: 'unknown',
    });
    expect(await sessions.read([])).toEqual(new Map());
  });

  it('takes an expiry within this very millisecond for past', async () => {
    await sessions.create(newSession('u1', 'd1'));
    const [row] =
      await psql(`WITH now AS (SELECT date_trunc('milliseconds', statement_timestamp()) AS at)
      SELECT session_lives(at_once, 0) AS "atOnce", session_lives(later, 0) AS later
      FROM now, "Session" s,
        LATERAL jsonb_populate_record(s, jsonb_build_object('expiresAt', at)) at_once,
        LATERAL jsonb_populate_record(s, jsonb_build_object('expiresAt', at + interval '1 s')) later`);

    expect(row).toEqual({ atOnce: false, later: true });
  });

  it('extends from now within the absolute limit, shortens when told, and raises the version', async () => {
    await sessions.create(newSession('u1', 'd1'));
    const longer = await sessions.extend('d1', 120_000);
    const bounded = await sessions.extend('d1', 9e9);
    const shorter = await sessions.extend('d1', 1_000);

    expect((longer?.session.expiresAt ?? 0) - (longer?.session.confirmedAt ?? 0)).toBeGreaterThan(
      119_990,
    );
    expect(bounded?.session.expiresAt).toBe(bounded?.session.absoluteExpiresAt);
    expect(
      (shorter?.session.expiresAt ?? 0) - (shorter?.session.confirmedAt ?? 0),
    ).toBeLessThanOrEqual(1_001);
    expect([longer, bounded, shorter].map((each) => each?.session.version)).toEqual([2, 3, 4]);
  });

  it('extends nothing that is not live', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await sessions.endByDigest('d1', 'signed-out');

    expect(await sessions.extend('d1', 60_000)).toBeNull();
    expect(await sessions.extend('unknown', 60_000)).toBeNull();
    expect(await stateOf('d1')).toBe('revoked');
  });

  it('lets a use that is carried out late draw in nothing that a later use has set', async () => {
    const { session } = await sessions.create(newSession('u1', 'd1', { ttlMs: 30_000 }));
    const idle = { timeoutMs: 60_000, updateAgeMs: 1_000 };
    const [renewed, late] = await database.inTransaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(7)');
      const waiting = psql(`DO $$ BEGIN
        PERFORM pg_advisory_xact_lock(7);
        PERFORM session_renew(ARRAY['${session.handle}'], ARRAY[60000], ARRAY[1000], ARRAY[3600000]);
      END $$`);
      await expect.poll(() => psql('SELECT 1 FROM pg_locks WHERE NOT granted')).toHaveLength(1);
      const use = { handle: session.handle, absoluteMs: 3_600_000, idle };
      const [first] = await sessions.renew([use]);
      await client.query('COMMIT');
      await waiting;
      return [first, (await sessions.read(['d1'])).get('d1')];
    });

    expect(renewed?.expiresAt).toBeGreaterThan(session.expiresAt);
    const { expiresAt, version } = renewed ?? {};
    expect(late).toMatchObject({ state: 'live', live: { session: { expiresAt, version } } });
  });

  it('lists the live ones of a realm, newest first', async () => {
    for (const digest of ['d1', 'd2', 'd3']) await sessions.create(newSession('u1', digest));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));
    await psql(`UPDATE "Session" SET "createdAt" = now() - interval '1 hour' WHERE digest = 'd3'`);
    await sessions.endByDigest('d1', 'signed-out');

    const listed = await sessions.list('u1', 'web');
    expect(listed.map(({ handle }) => handle)).toEqual(['handle-d2', 'handle-d3']);
    expect(await sessions.list('nobody', 'web')).toEqual([]);
  });

  it('finds sessions by their index', async () => {
    await psql(`INSERT INTO "Session" (id, digest, "userId", "expiresAt", "absoluteExpiresAt", epoch)
      SELECT 'h' || n, 'x' || n, 'u' || (n % 2 + 1), now() + interval '1 day', now() + interval '1 day', 0
      FROM generate_series(1, 20000) n`);
    await psql('ANALYZE "Session"');
    const [plan] = await psql<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${READ.text}`, [
      ['x1', 'x2'],
    ]);

    expect(JSON.stringify(plan)).toContain('Session_digest_key');
    expect(JSON.stringify(plan)).toContain('Session_previousDigest_key');
    expect(JSON.stringify(plan)).not.toMatch(
      /"Node Type":"Seq Scan"[^{}]*"Relation Name":"Session"/,
    );
  });

  it('honours no previous digest of which it is not known since when', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await psql(`UPDATE "Session" SET "previousDigest" = 'd0'`);

    expect((await sessions.read(['d0'])).get('d0')?.state).toBe('past-grace');
  });
});
