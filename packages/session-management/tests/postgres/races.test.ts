import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  runnerOn,
  type TestDatabase,
} from './database.ts';

const OLDEST = { most: 1, rule: 'end-oldest' } as const;
const FULL = { most: 1, rule: 'reject-new' } as const;

describe('PostgresSessionAdapter, beside an end of many', () => {
  let database: TestDatabase;
  let sessions: PostgresSessionAdapter;
  const stateOf = async (name: string) => {
    const digest = digestNamed(name);
    return (await sessions.read([digest])).get(digest)?.state;
  };
  type Commit = () => Promise<unknown>;
  /** While these statements have happened and are not committed. */
  const during = <T>(text: string, use: (commit: Commit) => Promise<T>) =>
    database.inTransaction(async (client) => {
      await client.query(text);
      return use(() => client.query('COMMIT'));
    });
  /** Until so many statements wait for a lock. */
  const waiting = (count: number) =>
    expect
      .poll(async () => {
        const rows = await database.psql(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows.length;
      })
      .toBe(count);
  const END_ALL = `SELECT sessions.raise_floor('u1', NULL, NULL, 'revoked-all', NULL)`;

  beforeAll(async () => {
    database = await migratedDatabase();
    sessions = database.sessions;
  });

  beforeEach(async () => {
    await database.empty();
    await database.psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
  });

  afterAll(() => database.close());

  it('puts each log-in on one side of an "end all" that races with it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const names = Array.from({ length: 8 }, (_, n) => `r${round}-${n}`);
      const logins = names.map((name) => sessions.create(newSession('u1', name)));
      const ended = await sessions.endAll('u1', 'revoked-all');
      const opened = await Promise.all(logins);

      const survives = opened.map(
        ({ session }) => session.userVersion >= (ended.user?.version ?? Number.NaN),
      );
      const live = await Promise.all(names.map(async (name) => (await stateOf(name)) === 'live'));
      expect(live).toEqual(survives);
      expect((await sessions.endAll('u1', 'revoked-all')).count).toBe(
        survives.filter(Boolean).length,
      );
    }
  });

  it('ends by its handle a session that an "end others" under way keeps', async () => {
    await sessions.create(newSession('u1', 'kept'));
    const keep = `SELECT sessions.raise_floor('u1', 'web', '${handleNamed('kept')}', 'revoked-others', NULL)`;
    const ended = await during(keep, async (commit) => {
      const ending = sessions.endByHandle('u1', 'web', handleNamed('kept'), 'revoked');
      await waiting(1);
      await commit();
      return ending;
    });

    expect(ended.count).toBe(1);
    expect(await stateOf('kept')).toBe('revoked');
  });

  it('opens no first session of a user whose deletion is under way, nor leaves one behind it', async () => {
    const late = await during(`DELETE FROM "User" WHERE id = 'u1'`, async (commit) => {
      const logIn = sessions.create(newSession('u1', 'late')).catch((error: unknown) => error);
      await waiting(1);
      await commit();
      return logIn;
    });
    expect(late).toMatchObject({ code: 'USER_NOT_FOUND' });

    await database.psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
    const create = `SELECT sessions.create_session('${handleNamed('first')}', sessions.digest('x'), 'u1', 'web', 9000, 9000, '', '', NULL, NULL, '{}', NULL)`;
    await during(create, async (commit) => {
      const deleting = database.psql(`DELETE FROM "User" WHERE id = 'u1'`);
      await waiting(1);
      await commit();
      await deleting;
    });
    await database.psql(`INSERT INTO "User"(id, email) VALUES ('u1', 'ada@example.com')`);
    expect(await sessions.list('u1', 'web')).toEqual([]);
  });

  it('lets a log-in wait for no "end all" under way, and ends it with the commit', async () => {
    await sessions.create(newSession('u1', 'd0'));
    await during(END_ALL, async (commit) => {
      await sessions.create(newSession('u1', 'd1'));
      expect(await stateOf('d1')).toBe('live');
      await commit();
    });

    expect([await stateOf('d0'), await stateOf('d1')]).toEqual(['revoked', 'revoked']);
  });

  it.each([
    ['that has to count', 'd0', { limit: { most: 5, rule: 'end-oldest' } as const }],
    ['that is the first of its user', null, {}],
  ])(
    'makes a log-in %s wait for an "end all" under way, and live after it',
    async (_which, before, given) => {
      if (before !== null) await sessions.create(newSession('u1', before));
      const login = await during(END_ALL, async (commit) => {
        const waiting = sessions.create(newSession('u1', 'd1', given));
        await expect.poll(database.waiting).toBe(1);
        await commit();
        return { made: waiting };
      });

      const { user } = await login.made;
      expect(await stateOf('d1')).toBe('live');
      expect((await database.users.snapshot('u1')).copy?.version).toBe(user.version);
    },
  );

  it('has room at a limit for a log-in that waited for an "end all"', async () => {
    await sessions.create(newSession('u1', 'd0'));
    const made = await during(END_ALL, async (commit) => {
      const waiting = sessions.create(newSession('u1', 'd1', { limit: FULL }));
      await expect.poll(database.waiting).toBe(1);
      await commit();
      return { waiting };
    });

    expect((await made.waiting).madeRoom).toEqual({ count: 0, digests: [], ended: [] });
    expect(await stateOf('d1')).toBe('live');
  });

  it.each([
    ['makes room by the one that is kept', OLDEST, ['revoked', 'live']],
    ['is refused beside the one that is kept', FULL, ['live', 'unknown']],
  ])('a log-in at a limit that waited for an "end others" %s', async (_what, limit, states) => {
    for (const name of ['d0', 'd1']) await sessions.create(newSession('u1', name));
    const others = `SELECT sessions.raise_floor('u1', 'web', '${handleNamed('d0')}', 'revoked-others', NULL)`;
    await during(others, async (commit) => {
      const waiting = sessions.create(newSession('u1', 'd2', { limit }));
      const settled = Promise.allSettled([waiting]);
      await expect.poll(database.waiting).toBe(1);
      await commit();
      await settled;
    });

    expect([await stateOf('d0'), await stateOf('d2')]).toEqual(states);
    expect(await stateOf('d1')).toBe('revoked');
  });

  it('ends with "all" a log-in at a limit that is under way', async () => {
    await sessions.create(newSession('u1', 'd0'));
    const ended = await database.inTransaction(async (client) => {
      const early = new PostgresSessionAdapter(runnerOn(client));
      await early.create(newSession('u1', 'd1', { limit: OLDEST }));
      const waiting = sessions.endAll('u1', 'revoked-all');
      await expect.poll(database.waiting).toBe(1);
      await client.query('COMMIT');
      return { waiting };
    });

    expect((await ended.waiting).count).toBe(1);
    expect([await stateOf('d0'), await stateOf('d1')]).toEqual(['revoked', 'revoked']);
  });
});
