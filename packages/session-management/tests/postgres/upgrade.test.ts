import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { ADA, copiedMigrations, emptyDatabase, type TestDatabase } from './database.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;

describe("the upgrade of a database that runs the document's design", () => {
  let database: TestDatabase;
  const upgrade = () => applyMigrations({ databaseUrl: database.url });
  const remaining = async (sessionId: string): Promise<number | null> => {
    const digest = digestOf(sessionId);
    const answer = (await database.sessions.read([digest])).get(digest);
    if (answer?.state !== 'live') return null;
    return answer.live.session.expiresAt - answer.live.session.confirmedAt;
  };
  const dump = async (): Promise<string> =>
    JSON.stringify(
      await database.psql(
        `SELECT u::text FROM "User" u UNION ALL SELECT s::text FROM sessions."Session" s
         UNION ALL SELECT o::text FROM sessions."Subject" o UNION ALL SELECT x::text FROM sessions."Outbox" x
         UNION ALL SELECT a::text FROM sessions."Audit" a`,
      ),
    );

  beforeEach(async () => {
    database = await emptyDatabase();
    const first = await copiedMigrations(1);
    await applyMigrations({ databaseUrl: database.url, directory: first.directory });
    await first.remove();
    await database.psql(`INSERT INTO "User" (id, email, "sessionId", "lastLoginAt", "createdAt") VALUES
      ('fresh', 'fresh@example.com', 'plain-fresh', (now() - interval '2 days') AT TIME ZONE 'UTC', '2024-02-29 12:00'),
      ('stale', 'stale@example.com', 'plain-stale', (now() - interval '8 days') AT TIME ZONE 'UTC', '2024-01-01'),
      ('never', 'never@example.com', 'plain-never', NULL, '2024-01-01'),
      ('ahead', 'ahead@example.com', 'plain-ahead', '9999-01-01', '2024-01-01'),
      ('twin-1', 'twin-1@example.com', 'plain-twin', NULL, '2024-01-01'),
      ('twin-2', 'twin-2@example.com', 'plain-twin', NULL, '2024-01-01'),
      ('empty', 'empty@example.com', '', NULL, '2024-01-01'),
      ('long', 'long@example.com', 'plain-' || repeat('x', 300), NULL, '2024-01-01'),
      ('out', ' Out@Example.COM ', NULL, NULL, '2024-01-01')`);
  });

  afterEach(() => database.close());

  it('keeps who is signed in signed in, for what is left of seven days', async () => {
    await upgrade();

    expect(Math.abs(((await remaining('plain-fresh')) ?? 0) - 5 * DAY)).toBeLessThan(60_000);
    expect((await database.users.findBySessionId('plain-fresh'))?.id).toBe('fresh');
    expect(await remaining('plain-stale')).toBeNull();
  });

  it('makes no session immortal, whatever the time of the last log-in says', async () => {
    await upgrade();

    for (const sessionId of ['plain-never', 'plain-ahead']) {
      const left = (await remaining(sessionId)) ?? 0;
      expect(left).toBeGreaterThan(WEEK - 60_000);
      expect(left).toBeLessThanOrEqual(WEEK);
    }
    expect(
      await database.psql(
        `SELECT 1 FROM sessions."Session" WHERE "expiresAt" > now() + interval '7 days 1 second'`,
      ),
    ).toEqual([]);
  });

  it('leaves no plain sessionId in any table', async () => {
    await upgrade();

    expect(await dump()).not.toMatch(/plain-/);
    expect(
      await database.psql('SELECT "sessionId" AS id FROM "User" WHERE id = \'fresh\''),
    ).toEqual([{ id: `sha256:${digestOf('plain-fresh')}` }]);
  });

  it('leaves none in the file of the table either: the upgrade writes it anew', async () => {
    await upgrade();
    await database.psql('CHECKPOINT');
    const [file] = await database.psql<{ bytes: Buffer }>(
      `SELECT pg_read_binary_file(pg_relation_filepath('"User"')) AS bytes`,
    );

    expect(file?.bytes.includes('fresh@example.com')).toBe(true);
    expect(file?.bytes.includes('plain-')).toBe(false);
  });

  it('signs in neither of two users who hold one id, and nobody by an id that no cookie can carry', async () => {
    await upgrade();

    expect(await database.users.findBySessionId('plain-twin')).toBeNull();
    const rows = await database.psql(
      `SELECT "sessionId" AS id FROM "User" WHERE id IN ('twin-1', 'twin-2', 'empty', 'long')`,
    );
    expect(rows).toEqual([{ id: null }, { id: null }, { id: null }, { id: null }]);
  });

  it('makes a subject for who was signed in, and none for who was not', async () => {
    await upgrade();
    const subjects = () =>
      database.psql('SELECT "userId" AS id FROM sessions."Subject" ORDER BY 1');
    const signedIn = ['ahead', 'fresh', 'never', 'stale'].map((id) => ({ id }));
    expect(await subjects()).toEqual(signedIn);

    const { id } = await database.users.create({ ...ADA, email: 'new@example.com' });
    await database.users.change(id, { lastLoginAt: new Date() });
    expect(await subjects()).toEqual(signedIn);
  });

  it('reads old times as UTC and e-mail addresses in their normal form', async () => {
    await upgrade();

    const fresh = await database.users.findById('fresh');
    expect(fresh?.createdAt.toISOString()).toBe('2024-02-29T12:00:00.000Z');
    expect((await database.users.findByEmail('OUT@example.com'))?.id).toBe('out');
  });

  it('changes nothing and lists the addresses when two users have one normal form', async () => {
    await database.psql(`INSERT INTO "User" (id, email) VALUES ('clash', 'FRESH@Example.com')`);
    const before = await database.psql('SELECT * FROM "User" ORDER BY id');

    await expect(upgrade()).rejects.toThrow(
      /1 e-mail address[\s\S]*fresh@example\.com \(id fresh\), FRESH@Example\.com \(id clash\)[\s\S]*merge the users/,
    );
    expect(await database.psql('SELECT * FROM "User" ORDER BY id')).toEqual(before);
    expect(await database.psql(`SELECT to_regclass('sessions."Session"') AS there`)).toEqual([
      { there: null },
    ]);
  });

  it('lists fifty groups at most, with the count of all', async () => {
    await database.psql(`INSERT INTO "User" (id, email)
      SELECT 'x' || n || c, c || n || '@many.example' FROM generate_series(1, 60) n, unnest('{a,A}'::text[]) c`);

    const error: unknown = await upgrade().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('60 e-mail address(es)');
    expect(String(error).match(/a\d+@many/g)).toHaveLength(50);
  });
});
