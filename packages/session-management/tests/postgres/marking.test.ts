import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

interface Marked {
  name: string;
  why: string | null;
  by: string | null;
}

describe('rows below a raised floor', () => {
  let database: TestDatabase;
  let sessions: PostgresSessionAdapter;
  const names = ['d1', 'd2', 'd3', 'a1', 'e1'];
  const raises = async () =>
    (await database.psql('SELECT 1 FROM sessions."Raise" WHERE "markedAt" IS NULL')).length;
  const marked = async (): Promise<Marked[]> => {
    const rows = await database.psql<Omit<Marked, 'name'> & { id: string }>(
      `SELECT id, "revokedReason" AS why, "revokedBy" AS by FROM sessions."Session"
       WHERE "revokedAt" IS NOT NULL ORDER BY id`,
    );
    return rows.map(({ id, ...row }) => ({
      name: names.find((name) => handleNamed(name) === id) ?? id,
      ...row,
    }));
  };

  beforeAll(async () => {
    database = await migratedDatabase();
    sessions = database.sessions;
  });

  beforeEach(async () => {
    await database.empty();
    await database.psql(
      `INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com'), ('u2', 'eve@example.com')`,
    );
    for (const name of ['d1', 'd2', 'd3']) await sessions.create(newSession('u1', name));
    await sessions.create(newSession('u1', 'a1', { realm: 'admin' }));
    await sessions.create(newSession('u2', 'e1'));
  });

  afterAll(() => database.close());

  it('are marked with the instant, the reason and the actor of the first raise above them', async () => {
    await sessions.endByDigest(digestNamed('d1'), 'signed-out');
    await sessions.endOthers('u1', 'web', handleNamed('d3'), 'revoked-others', 'root');
    await sessions.endAll('u1', 'revoked-all');
    expect(await marked()).toEqual([{ name: 'd1', why: 'signed-out', by: null }]);

    await sessions.markEnded(100);
    expect(await marked()).toEqual([
      { name: 'a1', why: 'revoked-all', by: null },
      { name: 'd1', why: 'signed-out', by: null },
      { name: 'd2', why: 'revoked-others', by: 'root' },
      { name: 'd3', why: 'revoked-all', by: null },
    ]);
    expect(await raises()).toBe(0);
    expect(await sessions.markEnded(100)).toBe(0);
  });

  it('bear the instant of the raise, not that of the marking', async () => {
    await sessions.endAll('u1', 'revoked-all');
    await database.psql(`UPDATE sessions."Raise" SET "at" = "at" - interval '1 hour'`);
    const [raise] = await database.psql('SELECT "at" FROM sessions."Raise"');
    await sessions.markEnded(100);

    const instants = await database.psql(
      'SELECT DISTINCT "revokedAt" AS at FROM sessions."Session" WHERE "revokedAt" IS NOT NULL',
    );
    expect(instants).toEqual([raise]);
  });

  it('are marked in batches, also by many at once, each once', async () => {
    await database.fill(
      'u1',
      Array.from({ length: 300 }, (_, n) => `many-${n}`),
    );
    await sessions.endAll('u1', 'revoked-all');
    expect(await sessions.markEnded(10)).toBe(10);
    expect(await marked()).toHaveLength(10);
    const drain = async () => {
      let sum = 0;
      for (let last = 7; last > 0; sum += last) last = await sessions.markEnded(7);
      return sum;
    };
    const sums = await Promise.all([drain(), drain(), drain()]);
    // Who finds the one raise held by another has nothing to do; whoever comes later finishes.
    const rest = await drain();

    expect(sums.reduce((sum, each) => sum + each, rest)).toBe(300 + 4 + 1 - 10);
    expect(await marked()).toHaveLength(304);
    expect(await raises()).toBe(0);
  });

  it('that are held wait for the next call, and the raise with them', async () => {
    await sessions.endAll('u1', 'revoked-all');
    await database.inTransaction(async (client) => {
      await client.query(
        `SELECT 1 FROM sessions."Session" WHERE digest = sessions.digest('d2') FOR UPDATE`,
      );
      expect(await sessions.markEnded(100)).toBe(3);
      expect(await raises()).toBe(1);
    });

    await expect.poll(() => sessions.markEnded(100)).toBe(2);
    expect((await marked()).map(({ name }) => name)).toEqual(['a1', 'd1', 'd2', 'd3']);
    expect(await raises()).toBe(0);
  });

  it('say so for a day, after which what ended them is forgotten, and a user who is gone', async () => {
    const subjects = () =>
      database.psql('SELECT "userId" AS id FROM sessions."Subject" ORDER BY 1');
    const all = [{ id: 'u1' }, { id: 'u2' }];
    const marking = (ago: string) =>
      database.psql(`UPDATE sessions."Raise" SET "markedAt" = now() - interval '${ago}'`);
    await database.psql('DELETE FROM "User"');
    await database.psql(`INSERT INTO "User"(id, email) VALUES ('u2', 'eve@example.com')`);
    await sessions.markEnded(100);
    await marking('23 hours');
    expect(await sessions.markEnded(100)).toBe(0);
    expect(await subjects()).toEqual(all);

    await marking('25 hours');
    expect(await sessions.markEnded(1)).toBe(1);
    expect(await sessions.markEnded(100)).toBe(1);
    expect(await database.psql('SELECT 1 FROM sessions."Raise"')).toEqual([]);
    expect(await subjects()).toEqual([{ id: 'u2' }]);
  });

  it('of a user who is gone are marked as well, and deleted in time', async () => {
    await database.psql(`DELETE FROM "User" WHERE id = 'u1'`);
    await sessions.markEnded(100);
    const why = 'user-deleted';
    expect(await marked()).toEqual(
      ['a1', 'd1', 'd2', 'd3'].map((name) => ({ name, why, by: null })),
    );

    expect(await sessions.deleteEnded(100, -1_000)).toBe(4);
    expect(await sessions.list('u2', 'web')).toHaveLength(1);
  });

  it('are left as they are where they had expired before', async () => {
    const d1 = digestNamed('d1');
    await database.psql(
      `UPDATE sessions."Session" SET "expiresAt" = now() - interval '1 minute' WHERE id = $1`,
      [handleNamed('d1')],
    );
    await sessions.endAll('u1', 'revoked-all');
    await sessions.markEnded(100);

    expect((await sessions.read([d1])).get(d1)?.state).toBe('expired');
    expect((await marked()).map(({ name }) => name)).toEqual(['a1', 'd2', 'd3']);
    expect(await raises()).toBe(0);
  });

  it('raise no version and change no answer', async () => {
    await sessions.endOthers('u1', 'web', handleNamed('d3'), 'revoked-others');
    const said = async () => {
      const answers = await sessions.read(names.map(digestNamed));
      return [...answers.values()].map(({ state }) => state);
    };
    const before = await said();
    await sessions.markEnded(100);

    expect(await said()).toEqual(before);
    expect(before).toEqual(['revoked', 'revoked', 'live', 'live', 'live']);
    const versions = await database.psql('SELECT DISTINCT version::int FROM sessions."Session"');
    expect(versions).toEqual([{ version: 1 }]);
  });
});
