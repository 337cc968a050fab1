import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migratedDatabase, newSession, type TestDatabase } from './database.ts';

let database: TestDatabase;
const psql = <Row extends object>(text: string, values?: unknown[]) =>
  database.psql<Row>(text, values);

beforeAll(async () => {
  database = await migratedDatabase();
});

/** A user with a session, one whose id was rotated and one that has ended; the outbox is empty. */
beforeEach(async () => {
  await psql('TRUNCATE "User" CASCADE');
  await psql(
    `INSERT INTO "User"(id, email, "hashedPassword") VALUES ('u1', 'ada@example.com', 'h')`,
  );
  for (const digest of ['plain', 'rotated', 'over']) {
    await database.sessions.create(newSession('u1', digest));
  }
  await psql(`UPDATE "Session" SET "previousDigest" = 'before' WHERE digest = 'rotated'`);
  await database.sessions.endByDigest('over', 'signed-out');
  await psql('TRUNCATE "Outbox"');
});

afterAll(() => database.close());

/** What a statement, as typed into psql, writes: `kind:key`, with an exclamation mark for an end. */
async function writes(sql: string): Promise<string[]> {
  await psql(sql);
  const rows = await psql<{ row: string }>(
    `SELECT concat_ws(':', kind, realm, key) || CASE WHEN "isEnd" THEN '!' ELSE '' END AS row
    FROM "Outbox" ORDER BY 1`,
  );
  return rows.map(({ row }) => row);
}

const session = (change: string, digest = 'plain') =>
  `UPDATE "Session" SET ${change} WHERE digest = '${digest}'`;
const user = (change: string) => `UPDATE "User" SET ${change}`;
const LATER = `"expiresAt" + interval '1 minute'`;
const EARLIER = `"expiresAt" - interval '1 second'`;

describe('a change of a session', () => {
  it.each([
    ['a revoke', session('"revokedAt" = now()'), ['session:web:plain!']],
    [
      'a revoke of a rotated one',
      session('"revokedAt" = now()', 'rotated'),
      ['session:web:before!', 'session:web:rotated!'],
    ],
    ['an extension', session(`"expiresAt" = ${LATER}`), ['session:web:plain']],
    [
      'an extension of a rotated one',
      session(`"expiresAt" = ${LATER}`, 'rotated'),
      ['session:web:before', 'session:web:rotated'],
    ],
    ['an earlier expiry', session(`"expiresAt" = ${EARLIER}`), ['session:web:plain!']],
    ['a proof of identity', session('"authenticatedAt" = now()'), ['session:web:plain']],
    [
      'a rotation',
      session(`digest = 'new', "previousDigest" = digest`),
      ['session:web:new!', 'session:web:plain!'],
    ],
    [
      'the end of a grace',
      session('"previousDigest" = NULL', 'rotated'),
      ['session:web:before!', 'session:web:rotated!'],
    ],
    ['another realm', session(`realm = 'admin'`), ['session:admin:plain!', 'session:web:plain!']],
    ['a lower epoch', session('epoch = -1'), ['session:web:plain!']],
    ['a deletion', `DELETE FROM "Session" WHERE digest = 'plain'`, ['session:web:plain!']],
    [
      'a deletion of a rotated one',
      `DELETE FROM "Session" WHERE digest = 'rotated'`,
      ['session:web:before!', 'session:web:rotated!'],
    ],
  ])('writes what copies must learn of: %s', async (_name, sql, rows) => {
    expect(await writes(sql)).toEqual(rows);
  });

  it.each([
    ['a visit', session('"lastSeenAt" = now()')],
    ['an address', session(`ip = '::1', "userAgent" = 'x'`)],
    ['the same again', session('"expiresAt" = "expiresAt", digest = digest')],
    ['a second revoke', session('"revokedAt" = now()', 'over')],
    ['a deletion of one that has ended', `DELETE FROM "Session" WHERE digest = 'over'`],
    [
      'a change that says that it is told otherwise',
      `BEGIN; SET LOCAL session.quiet = 'on'; ${session('"revokedAt" = now()')}; COMMIT`,
    ],
  ])('writes nothing for %s', async (_name, sql) => {
    expect(await writes(sql)).toEqual([]);
  });

  it('writes nothing for a log-in, nor for the deletion of one that expired', async () => {
    await database.sessions.create(newSession('u1', 'new'));
    await database.users.change('u1', { sessionId: 'a-plain-one' });
    await psql(`UPDATE "Session" SET "expiresAt" = now() WHERE digest = 'plain'`);
    await psql('TRUNCATE "Outbox"');

    expect(await writes(`DELETE FROM "Session" WHERE digest = 'plain'`)).toEqual([]);
  });

  it('is written in the same transaction, or not at all', async () => {
    expect(await writes(`BEGIN; ${session('"revokedAt" = now()')}; ROLLBACK`)).toEqual([]);
  });
});

describe('a change of a user', () => {
  it.each([
    [
      'a role, which makes sessions due for a rotation',
      user(`role = 'ADMIN'`),
      ['session:web:before', 'session:web:plain', 'session:web:rotated', 'user:u1'],
    ],
    ['an address', user(`email = 'eve@example.com'`), ['user:u1']],
    ['a verification', user('"isVerified" = true'), ['user:u1']],
    ['a password', user(`"hashedPassword" = 'h2'`), ['user:u1!']],
    ['an epoch', user('"sessionEpoch" = "sessionEpoch" + 1'), ['user:u1!']],
    [
      'a password with one session to keep',
      `BEGIN; SET LOCAL session.keep = 'handle-rotated'; ${user(`"hashedPassword" = 'h2'`)}; COMMIT`,
      ['session:web:before', 'session:web:rotated', 'user:u1!'],
    ],
    [
      'a better hash of the same password',
      `BEGIN; SET LOCAL session.rehash = 'on'; ${user(`"hashedPassword" = 'h2'`)}; COMMIT`,
      ['user:u1'],
    ],
    ['a deletion', 'DELETE FROM "User"', ['user:u1!']],
  ])('writes what copies must learn of: %s', async (_name, sql, rows) => {
    expect(await writes(sql)).toEqual(rows);
  });

  it('ends the copies under an id that is given up', async () => {
    expect(await writes(user(`id = 'u2'`))).toEqual(
      expect.arrayContaining(['session:web:plain!', 'user:u1!', 'user:u2']),
    );
  });

  it.each([
    ['a log-in', user('"lastLoginAt" = now()')],
    ['a sessionId', user(`"sessionId" = 'a-plain-one'`)],
    ['the same again', user('email = email, role = role')],
    ['a new user', `INSERT INTO "User"(id, email) VALUES ('u2', 'eve@example.com')`],
  ])('writes nothing for %s', async (_name, sql) => {
    expect(await writes(sql)).toEqual([]);
  });

  it('ends the session that a cleared sessionId named', async () => {
    await psql(user(`"sessionId" = 'a-plain-one'`));

    expect(await writes(user('"sessionId" = NULL'))).toEqual([
      expect.stringMatching(/^session:web:.{43}!$/),
    ]);
  });
});

describe('the end of a thousand sessions at once', () => {
  beforeEach(() =>
    psql(`INSERT INTO "Session" (id, digest, "userId", "expiresAt", "absoluteExpiresAt", epoch)
      SELECT 'h' || n, 'many' || n, 'u1', now() + interval '1 hour', now() + interval '1 hour', 0
      FROM generate_series(1, 1000) n`),
  );
  const versions = () => psql('SELECT digest, version FROM "Session" ORDER BY digest');

  it('is one row, and raises no version of a session', async () => {
    const before = await versions();
    expect((await database.sessions.endAll('u1', 'revoked-all')).count).toBe(1_002);

    expect(await writes('SELECT 1')).toEqual(['user:u1!']);
    expect(await versions()).toEqual(before);
    const live = await psql('SELECT 1 FROM "Session" WHERE "revokedAt" IS NULL');
    expect(live).toEqual([]);
  });

  it('is one row when the user is deleted', async () => {
    expect(await writes('DELETE FROM "User"')).toEqual(['user:u1!']);
  });

  it('leaves later changes in the same transaction as loud as ever', async () => {
    await psql(`INSERT INTO "User"(id, email) VALUES ('u2', 'eve@example.com')`);
    await database.sessions.create(newSession('u2', 'other'));

    expect(
      await writes(
        `BEGIN; ${user(`"hashedPassword" = 'h2'`)} WHERE id = 'u1'; ${session('"revokedAt" = now()', 'other')}; COMMIT`,
      ),
    ).toEqual(['session:web:other!', 'user:u1!']);
  });
});

describe('the version of a deleted user', () => {
  it('is above all its copies, and below that of a user made again with the same id', async () => {
    const before = await database.users.snapshot('u1');
    await psql('DELETE FROM "User"');
    const gone = await database.users.snapshot('u1');
    await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
    const again = await database.users.snapshot('u1');

    const [first, last] = [before, again].map(({ copy }) => copy?.version ?? Number.NaN);
    expect(gone.copy === null && gone.version).toBeGreaterThan(first ?? Number.NaN);
    expect(last).toBeGreaterThan(gone.copy === null ? gone.version : Number.NaN);
  });
});
