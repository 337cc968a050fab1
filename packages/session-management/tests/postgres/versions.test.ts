import { normalizeEmail } from '@repo/exchange-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { migratedDatabase, newSession, type TestDatabase } from './database.ts';

describe('what the database sees to, whoever writes', () => {
  let database: TestDatabase;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const userVersion = async () =>
    Number((await psql<{ v: string }>('SELECT version AS v FROM "User"'))[0]?.v);
  const sessionVersion = async () =>
    Number(
      (await psql<{ v: string }>(`SELECT version AS v FROM "Session" WHERE id = 'handle-d1'`))[0]
        ?.v,
    );
  const live = async () =>
    (await database.sessions.list('u1', 'web')).map(({ handle }) => handle).sort();
  const inTransaction = (...statements: string[]) =>
    psql(`BEGIN; ${statements.join('; ')}; COMMIT`);

  beforeAll(async () => {
    database = await migratedDatabase();
  });

  beforeEach(async () => {
    await psql('TRUNCATE "User" CASCADE');
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
    ['"sessionEpoch" = "sessionEpoch" + 1'],
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
    [`digest = 'other'`],
    [`"previousDigest" = 'other'`],
    [`realm = 'admin'`],
    ['"authenticatedAt" = now() + interval \'1 second\''],
    ['"expiresAt" = "expiresAt" - interval \'1 second\''],
    ['"absoluteExpiresAt" = "absoluteExpiresAt" + interval \'1 second\''],
    ['"revokedAt" = now()'],
    ['epoch = 7'],
  ])('raises the version of a session by one for %s', async (change) => {
    await psql(`UPDATE "Session" SET ${change} WHERE id = 'handle-d1'`);

    expect(await sessionVersion()).toBe(2);
  });

  it.each([
    ['"lastSeenAt" = now()'],
    [`"revokedReason" = 'x'`],
    [`ip = '::1'`],
    [`"userAgent" = 'y'`],
  ])('does not raise it for %s', async (change) => {
    await psql(`UPDATE "Session" SET ${change} WHERE id = 'handle-d1'`);

    expect(await sessionVersion()).toBe(1);
  });

  it('ends all sessions when the hash is changed by SQL', async () => {
    await psql(`UPDATE "User" SET "hashedPassword" = 'hash-2'`);

    expect(await live()).toEqual([]);
    expect(await psql('SELECT DISTINCT "revokedReason" AS why FROM "Session"')).toEqual([
      { why: 'password-changed' },
    ]);
  });

  it("keeps the one session that the transaction names, if it is the user's and lives", async () => {
    await psql(`UPDATE "Session" SET "revokedAt" = now() WHERE id = 'handle-d3'`);
    await inTransaction(
      `SET LOCAL session.keep = 'handle-d1'`,
      `UPDATE "User" SET "hashedPassword" = 'hash-2'`,
    );
    expect(await live()).toEqual(['handle-d1']);

    await inTransaction(
      `SET LOCAL session.keep = 'handle-d3'`,
      `UPDATE "User" SET "hashedPassword" = 'hash-3'`,
    );
    expect(await live()).toEqual([]);
  });

  it('ends none when the transaction says that the password is the same', async () => {
    await inTransaction(
      `SET LOCAL session.rehash = 'on'`,
      `UPDATE "User" SET "hashedPassword" = 'hash-2'`,
    );
    expect(await live()).toHaveLength(3);

    await psql(`UPDATE "User" SET "hashedPassword" = 'hash-3'`);
    expect(await live()).toEqual([]);
  });

  it('never lowers an epoch, so what ended by it does not return', async () => {
    await psql('UPDATE "User" SET "sessionEpoch" = 5');
    await psql('UPDATE "User" SET "sessionEpoch" = 0');

    expect(await psql('SELECT "sessionEpoch" AS epoch FROM "User"')).toEqual([{ epoch: 5 }]);
    expect(await live()).toEqual([]);
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
      'SELECT session_digest($1) AS digest, session_handle() AS one, pg_sleep(0.002), session_handle() AS other',
      [text],
    );

    expect(row?.digest).toBe(digestOf(text));
    expect(row?.one).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(row && row.one < row.other).toBe(true);
    const time = Number.parseInt(row?.one.replace('-', '').slice(0, 12) ?? '', 16);
    expect(Math.abs(time - (await database.sessions.ping()))).toBeLessThan(5_000);
  });
});
