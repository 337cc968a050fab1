import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import type { EndReason } from '../../src/types/index.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

describe('PostgresSessionAdapter, when sessions end', () => {
  let database: TestDatabase;
  let sessions: PostgresSessionAdapter;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const stateOf = async (name: string) => {
    const digest = digestNamed(name);
    return (await sessions.read([digest])).get(digest)?.state;
  };
  const end = (name: string, reason: EndReason) => sessions.endByDigest(digestNamed(name), reason);
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

  it('names both digests of what ends, also when it had ended, and nothing for what is unknown', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await psql(`UPDATE sessions."Session" SET "previousDigest" = sessions.digest('d0')`);

    expect(await end('d0', 'signed-out')).toMatchObject({
      count: 1,
      digests: ['d1', 'd0'].map(digestNamed),
    });
    expect(await end('d1', 'revoked')).toMatchObject({
      count: 1,
      digests: ['d1', 'd0'].map(digestNamed),
    });
    expect(await end('unknown', 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await psql('SELECT "revokedReason" AS why FROM sessions."Session"')).toEqual([
      { why: 'signed-out' },
    ]);
  });

  it("ends by handle the user's own session of the realm and no other", async () => {
    await sessions.create(newSession('u1', 'd1'));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));

    expect(await sessions.endByHandle('u2', 'web', handleNamed('d1'), 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await sessions.endByHandle('u1', 'admin', handleNamed('d1'), 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await sessions.endByHandle('u1', 'web', 'a\0b', 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
    expect(await sessions.endByHandle('u1', 'web', handleNamed('d1'), 'revoked')).toMatchObject({
      count: 1,
      digests: [digestNamed('d1')],
    });
    expect(await sessions.endByHandle('u1', 'web', handleNamed('d1'), 'revoked')).toMatchObject({
      count: 0,
      digests: [],
    });
  });

  it('ends the others in the realm, whatever the number of callers', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `d${n}`);
    for (const name of names) await sessions.create(newSession('u1', name));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));
    await sessions.create(newSession('u2', 'e1'));

    const calls = await Promise.all(
      [1, 2, 3, 4].map(() => sessions.endOthers('u1', 'web', handleNamed('d7'), 'revoked-others')),
    );

    expect(calls.map(({ count }) => count).sort((a, b) => b - a)).toEqual([19, 0, 0, 0]);
    const live = await Promise.all([...names, 'a1', 'e1'].map(stateOf));
    expect(live.map((state) => state === 'live')).toEqual([
      ...names.map((name) => name === 'd7'),
      ...[true, true],
    ]);
  });

  it('ends all of a user in every realm, and says how many lived and what the user is now', async () => {
    await sessions.create(newSession('u1', 'd1'));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));
    const { user } = await sessions.create(newSession('u1', 'x1'));
    await end('x1', 'signed-out');

    const ended = await sessions.endAll('u1', 'revoked-all');

    expect(ended).toMatchObject({ count: 2, user: { user: { id: 'u1' } } });
    expect(ended.user?.version).toBeGreaterThan(user.version);
    expect(await Promise.all(['d1', 'a1', 'x1'].map(stateOf))).toEqual(Array(3).fill('revoked'));
    expect(await sessions.endAll('nobody', 'revoked-all')).toMatchObject({ count: 0, user: null });
    expect(await sessions.endAll('a\0b', 'revoked-all')).toMatchObject({ count: 0, user: null });
  });

  it('moves lastSeenAt forward only, only where the row lives, and past rows that are locked', async () => {
    for (const name of ['old', 'new', 'ended', 'locked'])
      await sessions.create(newSession('u1', name));
    await psql(
      `UPDATE sessions."Session" SET "lastSeenAt" = now() - interval '1 hour' WHERE digest <> sessions.digest('new')`,
    );
    await psql(
      `UPDATE sessions."Session" SET "lastSeenAt" = now() + interval '1 hour' WHERE digest = sessions.digest('new')`,
    );
    await end('ended', 'signed-out');
    await database.inTransaction(async (client) => {
      await client.query(
        `SELECT 1 FROM sessions."Session" WHERE digest = sessions.digest('locked') FOR UPDATE`,
      );
      await sessions.touch(['old', 'new', 'ended', 'locked', 'none'].map(handleNamed), 60_000);
    });

    const rows = await psql(
      `SELECT id, round(extract(epoch FROM "lastSeenAt" - now()) / 3600)::int AS hours, version::int FROM sessions."Session" ORDER BY 1`,
    );
    expect(rows).toEqual([
      { id: handleNamed('ended'), hours: -1, version: 2 },
      { id: handleNamed('locked'), hours: -1, version: 1 },
      { id: handleNamed('new'), hours: 1, version: 1 },
      { id: handleNamed('old'), hours: 0, version: 1 },
    ]);
  });

  it('deletes what ended long ago in batches, in parallel, and nothing that lives', async () => {
    await database.fill(
      'u1',
      Array.from({ length: 300 }, (_, n) => `${n}`),
    );
    await psql(`UPDATE sessions."Session" s SET "absoluteExpiresAt" = now() + interval '9 days',
        "expiresAt" = now() + (n % 3 - 1) * interval '2 days',
        "revokedAt" = CASE WHEN n % 2 = 0 THEN now() - interval '2 days' END
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM sessions."Session") numbered
      WHERE numbered.id = s.id`);
    const ended = (
      await psql(
        `SELECT 1 FROM sessions."Session" WHERE "expiresAt" < now() - interval '1 day' OR "revokedAt" IS NOT NULL`,
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
    expect(await psql('SELECT count(*)::int AS rows FROM sessions."Session"')).toEqual([
      { rows: 300 - ended },
    ]);
  });
});
