import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

let database: TestDatabase;
const psql = <Row extends object>(text: string, values?: unknown[]) =>
  database.psql<Row>(text, values);

beforeAll(async () => {
  database = await migratedDatabase();
});

/** A user with a session, one whose id was rotated and one that has ended; the outbox is empty. */
beforeEach(async () => {
  await database.empty();
  await psql(
    `INSERT INTO "User"(id, email, "hashedPassword") VALUES ('u1', 'ada@example.com', 'h')`,
  );
  for (const name of ['plain', 'rotated', 'over']) {
    await database.sessions.create(newSession('u1', name));
  }
  await psql(session(`"previousDigest" = sessions.digest('before')`, 'rotated'));
  await database.sessions.endByDigest(digestNamed('over'), 'signed-out');
  await psql('TRUNCATE sessions."Outbox"');
});

afterAll(() => database.close());

const NAMES = new Map(
  ['plain', 'rotated', 'before', 'over', 'new', 'other'].map((name) => [digestNamed(name), name]),
);

/** What a statement, as typed into psql, writes: `kind:key`, with an exclamation mark for an end. */
async function writes(sql: string): Promise<string[]> {
  await psql(sql);
  return written();
}

async function written(): Promise<string[]> {
  const rows = await psql<{ row: string }>(
    `SELECT concat_ws(':', kind, realm, key) || CASE WHEN "isEnd" THEN '!' ELSE '' END AS row
    FROM sessions."Outbox"`,
  );
  const named = ({ row }: { row: string }) =>
    row.replace(/[\w-]{43}/, (digest) => NAMES.get(digest) ?? digest);
  return rows.map(named).sort();
}

const NAMED = (name: string) => `WHERE digest = sessions.digest('${name}')`;
const session = (change: string, name = 'plain') =>
  `UPDATE sessions."Session" SET ${change} ${NAMED(name)}`;
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
    ['an earlier expiry', session(`"expiresAt" = ${EARLIER}`), ['session:web:plain!']],
    ['a proof of identity', session('"authenticatedAt" = now()'), ['session:web:plain']],
    [
      'a rotation',
      session(`digest = sessions.digest('new'), "previousDigest" = digest`),
      ['session:web:new!', 'session:web:plain!'],
    ],
    [
      'the end of a grace',
      session('"previousDigest" = NULL', 'rotated'),
      ['session:web:before!', 'session:web:rotated!'],
    ],
    ['another realm', session(`realm = 'admin'`), ['session:admin:plain!', 'session:web:plain!']],
    ['a lower stamp', session('stamp = -1'), ['session:web:plain!']],
    ['a deletion', `DELETE FROM sessions."Session" ${NAMED('plain')}`, ['session:web:plain!']],
    [
      'a deletion of a rotated one',
      `DELETE FROM sessions."Session" ${NAMED('rotated')}`,
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
    ['a deletion of one that has ended', `DELETE FROM sessions."Session" ${NAMED('over')}`],
    ['an extension', session(`"expiresAt" = ${LATER}`)],
    ['an extension of a rotated one', session(`"expiresAt" = ${LATER}`, 'rotated')],
    ['a stamp that is raised', session('stamp = 7, "idVersion" = 7')],
    ['a name', session(`label = 'Desk'`)],
  ])('writes nothing for %s', async (_name, sql) => {
    expect(await writes(sql)).toEqual([]);
  });

  it('writes nothing for a log-in, nor for the deletion of one that expired', async () => {
    await database.sessions.create(newSession('u1', 'new'));
    await database.users.change('u1', { sessionId: 'a-plain-one' });
    await psql(`UPDATE sessions."Session" SET "expiresAt" = now() ${NAMED('plain')}`);
    await psql('TRUNCATE sessions."Outbox"');

    expect(await writes(`DELETE FROM sessions."Session" ${NAMED('plain')}`)).toEqual([]);
  });

  it('is written in the same transaction, or not at all', async () => {
    expect(await writes(`BEGIN; ${session('"revokedAt" = now()')}; ROLLBACK`)).toEqual([]);
  });
});

describe('a change of a user', () => {
  it.each([
    ['a role, which makes sessions due for a rotation', user(`role = 'ADMIN'`), ['user:u1']],
    ['an address', user(`email = 'eve@example.com'`), ['user:u1']],
    ['a verification', user('"isVerified" = true'), ['user:u1']],
    ['a password', user(`"hashedPassword" = 'h2'`), ['user:u1!']],
    ['a deletion', 'DELETE FROM "User"', ['user:u1!']],
  ])('writes what copies must learn of: %s', async (_name, sql, rows) => {
    expect(await writes(sql)).toEqual(rows);
  });

  it('writes one end for a new password, whatever it keeps or rotates to', async () => {
    const keepHandle = handleNamed('rotated');
    await database.users.change('u1', { hashedPassword: 'h2' }, { keepHandle });
    expect(await writes('SELECT 1')).toEqual(['user:u1!']);

    const next = { digest: digestNamed('new'), realm: 'web' };
    await psql('TRUNCATE sessions."Outbox"');
    await database.users.change('u1', { hashedPassword: 'h3' }, { keepHandle, next });
    const rotated = ['before', 'new', 'rotated'].map((name) => `session:web:${name}!`);
    expect(await written()).toEqual([...rotated, 'user:u1!']);
  });

  it.each([
    ['a log-in', user('"lastLoginAt" = now()')],
    ['a sessionId', user(`"sessionId" = 'a-plain-one'`)],
    ['the same again', user('email = email, role = role')],
    ['a better hash of the same password', `SELECT sessions.rehash('u1', 'h', 'h2')`],
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
    database.fill(
      'u1',
      Array.from({ length: 1_000 }, (_, n) => `many${n}`),
    ),
  );
  const versions = () => psql('SELECT digest, version FROM sessions."Session" ORDER BY digest');

  it('is one row, and raises no version of a session', async () => {
    const before = await versions();
    expect((await database.sessions.endAll('u1', 'revoked-all')).count).toBe(1_000);

    expect(await writes('SELECT 1')).toEqual(['user:u1!']);
    expect(await versions()).toEqual(before);
    expect(await database.sessions.list('u1', 'web')).toEqual([]);
  });

  it('is not told again when the rows are marked, or deleted', async () => {
    await database.sessions.endAll('u1', 'revoked-all');
    await psql('TRUNCATE sessions."Outbox"');
    await database.sessions.markEnded(2_000);
    expect(await written()).toEqual([]);
    expect(await psql('SELECT 1 FROM sessions."Session" WHERE "revokedAt" IS NULL')).toEqual([]);
    await psql('DELETE FROM sessions."Session"');
    expect(await written()).toEqual([]);
  });

  it('is one row when the user is deleted', async () => {
    expect(await writes('DELETE FROM "User"')).toEqual(['user:u1!']);
  });

  it('leaves later changes in the same transaction as loud as ever', async () => {
    await psql(`INSERT INTO "User"(id, email) VALUES ('u2', 'eve@example.com')`);
    await database.sessions.create(newSession('u2', 'other'));

    expect(
      await writes(
        `BEGIN; SELECT sessions.rehash('u1', 'h', 'h1'); SELECT sessions.mark_ended(9);
          ${user(`"hashedPassword" = 'h2'`)} WHERE id = 'u1'; ${session('"revokedAt" = now()', 'other')}; COMMIT`,
      ),
    ).toEqual(['session:web:other!', 'user:u1!']);
  });
});
