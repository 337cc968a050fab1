import { normalizeEmail } from '@repo/exchange-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

describe('what the database sees to, whoever writes', () => {
  let database: TestDatabase;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const userVersion = async () => (await database.users.snapshot('u1')).copy?.version ?? Number.NaN;
  const sessionVersion = async () => {
    const [row] = await psql<{ v: number }>(
      'SELECT version::int AS v FROM sessions."Session" WHERE id = $1',
      [handleNamed('d1')],
    );
    return row?.v;
  };
  const change = (what: string) =>
    psql(`UPDATE sessions."Session" SET ${what} WHERE id = $1`, [handleNamed('d1')]);
  const live = async () =>
    (await database.sessions.list('u1', 'web')).map(({ handle }) => handle).sort();

  beforeAll(async () => {
    database = await migratedDatabase();
  });

  beforeEach(async () => {
    await database.empty();
    await psql(
      `INSERT INTO "User"(id, email, "hashedPassword") VALUES ('u1', 'ada@example.com', 'hash-1')`,
    );
    for (const digest of ['d1', 'd2', 'd3'])
      await database.sessions.create(newSession('u1', digest));
  });

  afterAll(() => database.close());

  it.each([
    [`email = 'eve@example.com'`],
    [`role = 'ADMIN'`],
    ['"isVerified" = true'],
    [`"hashedPassword" = 'hash-2'`],
    [`"createdAt" = '2024-01-01'`],
  ])('raises the version of a user for %s', async (change) => {
    const before = await userVersion();
    await psql(`UPDATE "User" SET ${change}`);

    expect(await userVersion()).toBeGreaterThan(before);
  });

  it.each([
    ['"lastLoginAt" = now()'],
    [`"sessionId" = 'plain-1'`],
    ['email = email, role = role'],
    [`email = ' ADA@example.com'`],
  ])('does not raise it for %s', async (change) => {
    const before = await userVersion();
    await psql(`UPDATE "User" SET ${change}`);

    expect(await userVersion()).toBe(before);
  });

  it('gives a user who is made again with the same id a higher version', async () => {
    const before = await userVersion();
    await psql('DELETE FROM "User"');
    await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);

    expect(await userVersion()).toBeGreaterThan(before);
  });

  it.each([
    [`digest = sessions.digest('other')`],
    [`"previousDigest" = sessions.digest('other')`],
    [`subject = (sessions.subject_of('u2')).id`],
    [`realm = 'admin'`],
    ['"authenticatedAt" = now() + interval \'1 second\''],
    ['"expiresAt" = "expiresAt" - interval \'1 second\''],
    ['"absoluteExpiresAt" = "absoluteExpiresAt" + interval \'1 second\''],
    ['"revokedAt" = now()'],
    ['stamp = -1'],
  ])('raises the version of a session by one for %s', async (what) => {
    await change(what);

    expect(await sessionVersion()).toBe(2);
  });

  it.each([
    ['"lastSeenAt" = now()'],
    [`"revokedReason" = 'x'`],
    [`ip = '::1'`],
    [`"userAgent" = 'y'`],
    [`label = 'Desk'`],
    ['"expiresAt" = "expiresAt" + interval \'1 second\''],
    ['stamp = 7'],
    ['"idVersion" = 7'],
  ])('does not raise it for %s', async (what) => {
    await change(what);

    expect(await sessionVersion()).toBe(1);
  });

  it('ends all sessions when the hash is changed by SQL', async () => {
    await psql(`UPDATE "User" SET "hashedPassword" = 'hash-2'`);
    expect(await live()).toEqual([]);

    await database.sessions.markEnded(100);
    expect(await psql('SELECT DISTINCT "revokedReason" AS why FROM sessions."Session"')).toEqual([
      { why: 'password-changed' },
    ]);
  });

  it('keeps the one session that is named beside a new hash, if it lives', async () => {
    const renew = (hashedPassword: string, kept: string) =>
      database.users.change('u1', { hashedPassword }, { keepHandle: handleNamed(kept) });
    await psql('UPDATE sessions."Session" SET "revokedAt" = now() WHERE id = $1', [
      handleNamed('d3'),
    ]);
    await renew('hash-2', 'd1');
    expect(await live()).toEqual([handleNamed('d1')]);

    await renew('hash-3', 'd3');
    expect(await live()).toEqual([]);
  });

  it('ends none for a better hash of the same password, and all for the next change by SQL', async () => {
    await psql(`SELECT sessions.rehash('u1', 'hash-1', 'hash-2')`);
    expect(await live()).toHaveLength(3);

    await psql(`BEGIN; SELECT sessions.rehash('u1', 'hash-2', 'hash-3');
      UPDATE "User" SET "hashedPassword" = 'hash-4'; COMMIT`);
    expect(await live()).toEqual([]);
  });

  it('marks nothing as ended twice: what was said with the end stays', async () => {
    await database.sessions.endByDigest(digestNamed('d1'), 'signed-out');
    await change(`"revokedAt" = NULL, "revokedReason" = 'x', "revokedBy" = 'y'`);
    await database.sessions.endAll('u1', 'revoked-all', 'root');
    await database.sessions.markEnded(100);

    const rows = await psql(
      `SELECT "revokedReason" AS why, "revokedBy" AS by, count(*)::int AS rows
       FROM sessions."Session" GROUP BY 1, 2 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { why: 'revoked-all', by: 'root', rows: 2 },
      { why: 'signed-out', by: null, rows: 1 },
    ]);
  });

  it.each([
    ' Ada@Example.COM ',
    'ÀÉ@Straße.de',
    'ΟΔΥΣΣΕΥΣ@x.gr',
    'İstanbul@x.tr',
    '\u00a0\ufeffＡＤＡ＠ｅｘａｍｐｌｅ．ｃｏｍ\u3000\n',
    'ﬁ@x.de',
  ])('brings the address %j into the same form as normalizeEmail', async (address) => {
    await psql('UPDATE "User" SET email = $1', [address]);

    expect(await psql('SELECT email FROM "User"')).toEqual([{ email: normalizeEmail(address) }]);
    expect((await database.users.findByEmail(address))?.id).toBe('u1');
  });

  it('hashes as the application does and makes handles that are UUIDs of version 7 in order of time', async () => {
    const text = 'ключ-0123456789-~';
    const [row] = await psql<{ digest: string; one: string; other: string }>(
      'SELECT sessions.digest_text(sessions.digest($1)) AS digest, sessions.new_handle() AS one, pg_sleep(0.002), sessions.new_handle() AS other',
      [text],
    );

    expect(row?.digest).toBe(digestNamed(text));
    expect(row?.one).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(row && row.one < row.other).toBe(true);
    const time = Number.parseInt(row?.one.replace('-', '').slice(0, 12) ?? '', 16);
    expect(Math.abs(time - (await database.sessions.ping()))).toBeLessThan(5_000);
  });
});
