import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GRACE } from '../../src/adapters/postgres-columns.ts';
import { READ } from '../../src/adapters/postgres-rows.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

describe('PostgresSessionAdapter, when sessions rotate', () => {
  let database: TestDatabase;
  const psql = <Row extends object>(text: string, values?: unknown[]) =>
    database.psql<Row>(text, values);
  const rotate = (name: string, next: string) =>
    database.sessions.rotate(digestNamed(name), digestNamed(next));
  const keys = async () =>
    (await psql<{ key: string; isEnd: boolean }>('SELECT key, "isEnd" FROM sessions."Outbox"')).map(
      ({ isEnd, key }) => `${key}${isEnd ? '!' : ''}`,
    );
  const rotateIn = (name: string, next: string) =>
    `SELECT * FROM sessions.rotate(sessions.digest('${name}'), sessions.digest('${next}'), ${GRACE})`;

  beforeAll(async () => {
    database = await migratedDatabase();
  });

  beforeEach(async () => {
    await database.empty();
    await psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
    await database.sessions.create(newSession('u1', 'd0'));
    await psql('TRUNCATE sessions."Outbox"');
  });

  afterAll(() => database.close());

  it('writes what copies must learn of: every digest that was or is, as an end', async () => {
    await rotate('d0', 'd1');
    await psql('TRUNCATE sessions."Outbox"');
    await rotate('d1', 'd2');

    const told = ['d0', 'd1', 'd2'].map((name) => `${digestNamed(name)}!`);
    expect((await keys()).sort()).toEqual(told.sort());
  });

  it('names the next digest, too, to a sign-out that waited for the rotation', async () => {
    const waiting = await database.inTransaction(async (client) => {
      await client.query(rotateIn('d0', 'd1'));
      const ended = database.sessions.endByDigest(digestNamed('d0'), 'signed-out');
      await expect.poll(database.waiting).toBe(1);
      await client.query('COMMIT');
      return { ended };
    });

    const { digests, ended } = await waiting.ended;
    expect(digests).toEqual(['d1', 'd0'].map(digestNamed));
    expect(ended).toEqual([{ userId: 'u1', realm: 'web', handle: handleNamed('d0') }]);
  });

  it('rotates nothing when a new password or a sign-out was under way', async () => {
    for (const end of [
      `UPDATE "User" SET "hashedPassword" = 'hash-2'`,
      `UPDATE sessions."Session" SET "revokedAt" = now() WHERE digest = sessions.digest('e0')`,
    ]) {
      await psql('DELETE FROM sessions."Session"');
      await database.sessions.create(newSession('u1', 'e0'));
      const waiting = await database.inTransaction(async (client) => {
        await client.query(end);
        const rotation = rotate('e0', 'e1');
        await expect.poll(database.waiting).toBe(1);
        await client.query('COMMIT');
        return { rotation };
      });

      expect(await waiting.rotation).toEqual({ state: 'revoked' });
      const rows = await psql(
        'SELECT sessions.digest_text(digest) AS digest FROM sessions."Session"',
      );
      expect(rows).toEqual([{ digest: digestNamed('e0') }]);
    }
  });

  it('rotates beside an "end all" under way, which ends what it rotated to', async () => {
    await database.inTransaction(async (client) => {
      await client.query(`SELECT sessions.raise_floor('u1', NULL, NULL, 'revoked-all', NULL)`);
      expect(await rotate('d0', 'd1')).toMatchObject({ state: 'rotated' });
      await client.query('COMMIT');
    });

    const answers = await database.sessions.read(['d0', 'd1'].map(digestNamed));
    expect([...answers.values()].map(({ state }) => state)).toEqual(['revoked', 'revoked']);
  });

  it('lets the column sessionId follow the session that it named, and raises no version of the user', async () => {
    await psql(`UPDATE "User" SET "sessionId" = 'a-plain-one'`);
    const versions = () => psql('SELECT version FROM sessions."Subject"');
    const before = await versions();
    await rotate('a-plain-one', 'n1');

    expect(await psql('SELECT "sessionId" FROM "User"')).toEqual([
      { sessionId: `sha256:${digestNamed('n1')}` },
    ]);
    expect(await versions()).toEqual(before);
  });

  it('does not look at previous digests for one that a session has now', async () => {
    await rotate('d0', 'd1');
    const explained = async (name: string) =>
      (
        await psql<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, COSTS OFF) ${READ.text}`, [
          [digestNamed(name)],
        ])
      )
        .map((line) => line['QUERY PLAN'])
        .join('\n');
    await psql('SET enable_seqscan = off');

    expect(await explained('d1')).toMatch(/on "Session" old \(never executed\)/);
    expect(await explained('d0')).toMatch(/on "Session" old \(actual/);
  });
});
