import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READ } from '../../src/adapters/postgres-rows.ts';
import type { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { newHandle } from '../../src/utils/random.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

describe('PostgresSessionAdapter', () => {
  let database: TestDatabase;
  let sessions: PostgresSessionAdapter;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const answerOf = async (name: string) => {
    const digest = digestNamed(name);
    return (await sessions.read([digest])).get(digest);
  };
  const stateOf = async (name: string) => (await answerOf(name))?.state;

  beforeAll(async () => {
    database = await migratedDatabase();
    sessions = database.sessions;
  });

  beforeEach(async () => {
    await database.empty();
    await psql(
      `INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com'), ('u2', 'eve@example.com')`,
    );
  });

  afterAll(() => database.close());

  it('makes a session whole, and reads it back the same', async () => {
    const made = await sessions.create(newSession('u1', 'd1', { ttlMs: 90_000 }));
    const read = await answerOf('d1');

    expect(made.session).toMatchObject({
      digest: digestNamed('d1'),
      handle: handleNamed('d1'),
      userId: 'u1',
      realm: 'web',
      ip: '203.0.113.7',
      userAgent: 'Firefox',
      version: 1,
      userVersion: made.user.version,
    });
    expect(made.session.expiresAt - made.session.createdAt).toBe(90_000);
    expect(made.session.absoluteExpiresAt - made.session.createdAt).toBe(3_600_000);
    expect(made.user.version).toBeGreaterThan(0);
    expect(made.user).toMatchObject({ user: { id: 'u1', email: 'ada@example.com' } });
    expect(made.user.user).not.toHaveProperty('hashedPassword');
    const confirmedAt = read?.state === 'live' ? read.live.session.confirmedAt : 0;
    expect(confirmedAt).toBeGreaterThanOrEqual(made.session.confirmedAt);
    expect(Number.isInteger(confirmedAt)).toBe(true);
    expect(read).toEqual({
      state: 'live',
      live: { session: { ...made.session, confirmedAt }, user: made.user },
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
        sessions.create(newSession('u1', 'd1', { handle: handleNamed(`h${n}`) })),
      ),
    );

    expect(new Set(made.map(({ session }) => session.handle)).size).toBe(1);
    expect(await psql('SELECT count(*)::int AS rows FROM sessions."Session"')).toEqual([
      { rows: 1 },
    ]);
  });

  it("does not bring back, by saying it again, what has ended or is another user's", async () => {
    await sessions.create(newSession('u1', 'd1'));
    await expect(sessions.create(newSession('u2', 'd1'))).rejects.toMatchObject({
      code: 'SESSION_REVOKED',
    });
    await sessions.endByDigest(digestNamed('d1'), 'signed-out');

    await expect(sessions.create(newSession('u1', 'd1'))).rejects.toMatchObject({
      code: 'SESSION_REVOKED',
    });
  });

  it('answers each digest with what it is', async () => {
    const states = {
      live: 'live',
      expired: 'expired',
      revoked: 'revoked',
      behind: 'revoked',
      unknown: 'unknown',
      orphan: 'unknown',
    };
    for (const name of ['live', 'expired', 'revoked', 'behind'])
      await sessions.create(newSession('u1', name));
    await sessions.create(newSession('u2', 'orphan'));
    await psql(
      `UPDATE sessions."Session" SET "expiresAt" = now() WHERE digest = sessions.digest('expired')`,
    );
    await sessions.endByDigest(digestNamed('revoked'), 'signed-out');
    await psql(`UPDATE sessions."Session" SET stamp = -1 WHERE digest = sessions.digest('behind')`);
    await psql(`DELETE FROM "User" WHERE id = 'u2'`);

    const names = Object.keys(states);
    const answers = await sessions.read([...names, 'unknown'].map(digestNamed));
    const told = names.map((name) => [name, answers.get(digestNamed(name))?.state]);
    expect(Object.fromEntries(told)).toEqual(states);
    expect(answers.size).toBe(names.length);
    expect(await sessions.read(['no digest'])).toEqual(
      new Map([['no digest', { state: 'unknown' }]]),
    );
    expect(await sessions.read([])).toEqual(new Map());
  });

  it('takes an expiry within this very millisecond for past', async () => {
    await sessions.create(newSession('u1', 'd1'));
    const [row] =
      await psql(`WITH now AS (SELECT date_trunc('milliseconds', statement_timestamp()) AS at)
      SELECT sessions.lives(at_once, o) AS "atOnce", sessions.lives(later, o) AS later
      FROM now, sessions."Session" s, sessions."Subject" o,
        LATERAL jsonb_populate_record(s, jsonb_build_object('expiresAt', at)) at_once,
        LATERAL jsonb_populate_record(s, jsonb_build_object('expiresAt', at + interval '1 s')) later`);

    expect(row).toEqual({ atOnce: false, later: true });
  });

  it('extends from now within the absolute limit, shortens when told, and raises the version then', async () => {
    await sessions.create(newSession('u1', 'd1'));
    const extend = (ms: number) => sessions.extend(digestNamed('d1'), ms);
    const longer = await extend(120_000);
    const bounded = await extend(9e9);
    const shorter = await extend(1_000);

    expect((longer?.session.expiresAt ?? 0) - (longer?.session.confirmedAt ?? 0)).toBeGreaterThan(
      119_990,
    );
    expect(bounded?.session.expiresAt).toBe(bounded?.session.absoluteExpiresAt);
    expect(
      (shorter?.session.expiresAt ?? 0) - (shorter?.session.confirmedAt ?? 0),
    ).toBeLessThanOrEqual(1_001);
    expect([longer, bounded, shorter].map((each) => each?.session.version)).toEqual([1, 1, 2]);
  });

  it('extends nothing that is not live', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await sessions.endByDigest(digestNamed('d1'), 'signed-out');

    expect(await sessions.extend(digestNamed('d1'), 60_000)).toBeNull();
    expect(await sessions.extend(digestNamed('unknown'), 60_000)).toBeNull();
    expect(await sessions.extend('no digest', 60_000)).toBeNull();
    expect(await stateOf('d1')).toBe('revoked');
  });

  it('lets a use that is carried out late draw in nothing that a later use has set', async () => {
    const { session } = await sessions.create(newSession('u1', 'd1', { ttlMs: 30_000 }));
    const idle = { timeoutMs: 60_000, updateAgeMs: 1_000 };
    const [renewed, late] = await database.inTransaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(7)');
      const waiting = psql(`DO $$ BEGIN
        PERFORM pg_advisory_xact_lock(7);
        PERFORM sessions.renew(ARRAY['${session.handle}'::uuid], ARRAY[60000], ARRAY[1000], ARRAY[3600000]);
      END $$`);
      await expect.poll(database.waiting).toBe(1);
      const use = { handle: session.handle, absoluteMs: 3_600_000, idle };
      const [first] = await sessions.renew([use]);
      await client.query('COMMIT');
      await waiting;
      return [first, await answerOf('d1')];
    });

    expect(renewed?.expiresAt).toBeGreaterThan(session.expiresAt);
    const { expiresAt, version } = renewed ?? {};
    expect(late).toMatchObject({ state: 'live', live: { session: { expiresAt, version } } });
  });

  it('lists the live ones of a realm, newest first', async () => {
    const open = (name: string, given = {}) =>
      sessions.create(newSession('u1', name, { handle: newHandle(), ...given }));
    const [first, second, third] = [await open('d1'), await open('d2'), await open('d3')];
    await open('a1', { realm: 'admin' });
    await sessions.endByDigest(digestNamed('d2'), 'signed-out');
    const handles = async () => (await sessions.list('u1', 'web')).map(({ handle }) => handle);
    expect(second.session.handle > first.session.handle).toBe(true);
    expect(await handles()).toEqual([third.session.handle, first.session.handle]);

    await sessions.endOthers('u1', 'web', first.session.handle, 'revoked-others');
    const later = await open('d4');
    expect(await handles()).toEqual([later.session.handle, first.session.handle]);
    expect(await sessions.list('nobody', 'web')).toEqual([]);
  });

  it('finds sessions by their index', async () => {
    for (const user of ['u1', 'u2']) {
      await database.fill(
        user,
        Array.from({ length: 10_000 }, (_, n) => `${user}-${n}`),
      );
    }
    await psql('ANALYZE sessions."Session"');
    const [plan] = await psql<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${READ.text}`, [
      ['u1-1', 'u2-2'].map(digestNamed),
    ]);

    expect(JSON.stringify(plan)).toContain('Session_digest_key');
    expect(JSON.stringify(plan)).toContain('Session_previousDigest_key');
    expect(JSON.stringify(plan)).not.toMatch(
      /"Node Type":"Seq Scan"[^{}]*"Relation Name":sessions."Session"/,
    );
  });

  it('honours no previous digest of which it is not known since when', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await psql(`UPDATE sessions."Session" SET "previousDigest" = sessions.digest('d0')`);

    expect(await stateOf('d0')).toBe('past-grace');
  });
});
