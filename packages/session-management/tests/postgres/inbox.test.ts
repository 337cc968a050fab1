import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { migratedDatabase, type TestDatabase } from './database.ts';

const WEEK = 604_800_000;

describe('the column User.sessionId', () => {
  let database: TestDatabase;
  const psql = (text: string, values?: unknown[]) => database.psql(text, values);
  const signedIn = async (sessionId: string) =>
    (await database.users.findBySessionId(sessionId))?.id ?? null;
  const column = async (id: string) =>
    (
      await database.psql<{ id: string }>('SELECT "sessionId" AS id FROM "User" WHERE id = $1', [
        id,
      ])
    )[0]?.id;
  const write = (id: string, value: string | null) =>
    psql('UPDATE "User" SET "sessionId" = $2 WHERE id = $1', [id, value]);

  beforeAll(async () => {
    database = await migratedDatabase();
  });

  beforeEach(() => database.empty());

  afterAll(() => database.close());

  it("runs the document's own statements", async () => {
    await psql(`INSERT INTO "User"(id,email) VALUES ('u1', 'ada@example.com')`);
    await psql(`UPDATE "User" SET "sessionId"='plain-id-0123456789abcdef' WHERE id='u1'`);

    expect(
      await psql(`SELECT id FROM "User" WHERE "sessionId"='plain-id-0123456789abcdef'`),
    ).toEqual([]);
    expect(await signedIn('plain-id-0123456789abcdef')).toBe('u1');
    expect(await column('u1')).toBe(`sha256:${digestOf('plain-id-0123456789abcdef')}`);
  });

  it('opens a session with a fixed end: nothing extends it', async () => {
    await psql(`INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', 'plain-1')`);

    const [listed] = await database.sessions.list('u1', 'web');
    expect(listed).toMatchObject({ ip: '', userAgent: null, realm: 'web' });
    expect(listed?.expiresAt).toBe((listed?.createdAt ?? 0) + WEEK);
    const extended = await database.sessions.extend(digestOf('plain-1'), 2 * WEEK);
    expect(extended?.session).toMatchObject({
      expiresAt: listed?.expiresAt,
      version: 1,
    });
  });

  it('takes many rows in one statement, and two users with one value: the first has it', async () => {
    await psql(`INSERT INTO "User"(id, email, "sessionId")
      SELECT 'u' || n, n || '@b.c', 'plain-' || least(n, 299) FROM generate_series(1, 300) n`);

    expect(await signedIn('plain-1')).toBe('u1');
    expect(await signedIn('plain-298')).toBe('u298');
    expect(await signedIn('plain-299')).toBe('u299');
    expect(await psql('SELECT count(*)::int AS rows FROM sessions."Session"')).toEqual([
      { rows: 299 },
    ]);
  });

  it('follows INSERT … ON CONFLICT whichever way it goes', async () => {
    const upsert = (value: string, action: string) =>
      psql(
        `INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', '${value}') ON CONFLICT (id) ${action}`,
      );
    await upsert('plain-1', 'DO NOTHING');
    await upsert('plain-2', 'DO NOTHING');
    await upsert('plain-3', 'DO UPDATE SET "sessionId" = EXCLUDED."sessionId"');

    expect(await Promise.all(['plain-1', 'plain-2', 'plain-3'].map(signedIn))).toEqual([
      'u1',
      null,
      'u1',
    ]);
  });

  it('ends by NULL the session that it named, and no other', async () => {
    await psql(`INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', 'plain-1')`);
    await write('u1', 'plain-2');
    expect(await signedIn('plain-1')).toBe('u1');

    await write('u1', null);

    expect(await signedIn('plain-2')).toBeNull();
    expect(await signedIn('plain-1')).toBe('u1');
    expect(
      await psql(
        'SELECT "revokedReason" AS why FROM sessions."Session" WHERE "revokedAt" IS NOT NULL',
      ),
    ).toEqual([{ why: 'signed-out' }]);
  });

  it('never revives what was ended, by writing the value again or clearing the mark', async () => {
    await psql(`INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', 'plain-1')`);
    await write('u1', null);
    await write('u1', 'plain-1');
    await psql('UPDATE sessions."Session" SET "revokedAt" = NULL, "revokedReason" = NULL');

    expect(await signedIn('plain-1')).toBeNull();
    expect(await psql('SELECT "revokedReason" AS why FROM sessions."Session"')).toEqual([
      { why: 'signed-out' },
    ]);
  });

  it('stores a value with the prefix as it is and opens nothing by it', async () => {
    const given = `sha256:${digestOf('plain-1')}`;
    await psql(`INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', $1)`, [given]);
    await write('u1', given);

    expect(await column('u1')).toBe(given);
    expect(await psql('SELECT 1 FROM sessions."Session"')).toEqual([]);
    expect(await signedIn(given)).toBeNull();
  });

  it("does not let one user end another's session through a value that is not theirs", async () => {
    await psql(
      `INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', 'plain-1'), ('u2', 'b@b.c', NULL)`,
    );
    await write('u2', 'plain-1');
    const change = await database.users.change('u2', { sessionId: undefined });

    expect(change?.endedDigests).toEqual([]);
    expect(await signedIn('plain-1')).toBe('u1');
  });

  it.each(['', 'a b', 'semi;colon', 'é', 'x'.repeat(256)])(
    'stores NULL for %j, which is no session',
    async (value) => {
      await psql(`INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', $1)`, [value]);

      expect(await column('u1')).toBeNull();
      expect(await psql('SELECT 1 FROM sessions."Session"')).toEqual([]);
    },
  );

  it('takes 255 characters', async () => {
    await psql(`INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', $1)`, [
      '~'.repeat(255),
    ]);

    expect(await signedIn('~'.repeat(255))).toBe('u1');
  });

  it('goes with the user, and comes back with nobody', async () => {
    await psql(`INSERT INTO "User"(id, email, "sessionId") VALUES ('u1', 'a@b.c', 'plain-1')`);
    await psql('DELETE FROM "User"');
    expect(await signedIn('plain-1')).toBeNull();

    await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'a@b.c')`);
    expect(await signedIn('plain-1')).toBeNull();
    await write('u1', 'plain-1');
    expect(await signedIn('plain-1')).toBeNull();
  });
});
