import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  type TestDatabase,
} from './database.ts';

const OLDEST = { most: 1, rule: 'end-oldest' } as const;

describe('PostgresSessionAdapter, beside a change of password', () => {
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
  const NEW_PASSWORD = `UPDATE "User" SET "hashedPassword" = 'hash-2' WHERE id = 'u1'`;

  beforeAll(async () => {
    database = await migratedDatabase();
    sessions = database.sessions;
  });

  beforeEach(async () => {
    await database.empty();
    await database.psql(
      `INSERT INTO "User"(id, email, "hashedPassword") VALUES ('u1', 'ada@example.com', 'hash-1')`,
    );
  });

  afterAll(() => database.close());

  it('opens nothing by a password whose change commits during the log-in', async () => {
    await sessions.create(newSession('u1', 'd0'));
    const provedBy = 'hash-1';
    await during(NEW_PASSWORD, async (commit) => {
      // The change cannot be seen yet.
      await sessions.create(newSession('u1', 'd1', { provedBy }));
      const counting = sessions.create(newSession('u1', 'd2', { provedBy, limit: OLDEST }));
      const refused = expect(counting).rejects.toMatchObject({ code: 'PROOF_OUTDATED' });
      await expect.poll(database.waiting).toBe(1);
      await commit();
      await refused;
    });

    const late = sessions.create(newSession('u1', 'd3', { provedBy }));
    await expect(late).rejects.toMatchObject({ code: 'PROOF_OUTDATED' });
    const states = await Promise.all(['d0', 'd1', 'd2', 'd3'].map(stateOf));
    expect(states).toEqual(['revoked', 'revoked', 'unknown', 'unknown']);
  });

  it('opens nothing by a password whose change makes the first subject of its user', async () => {
    await during(NEW_PASSWORD, async (commit) => {
      const first = sessions.create(newSession('u1', 'd1', { provedBy: 'hash-1' }));
      const refused = expect(first).rejects.toMatchObject({ code: 'PROOF_OUTDATED' });
      await expect.poll(database.waiting).toBe(1);
      await commit();
      await refused;
    });
    expect(await stateOf('d1')).toBe('unknown');
  });

  it('ends nothing for a log-in whose password is changed while it waits', async () => {
    await sessions.create(newSession('u1', 'kept'));
    const change = `SELECT sessions.change_user('u1', '{"hashedPassword": "hash-2"}', '${handleNamed('kept')}', NULL, NULL)`;
    await during(change, async (commit) => {
      const asked = newSession('u1', 'd1', { provedBy: 'hash-1', limit: OLDEST });
      const refused = expect(sessions.create(asked)).rejects.toMatchObject({
        code: 'PROOF_OUTDATED',
      });
      await expect.poll(database.waiting).toBe(1);
      await commit();
      await refused;
    });

    expect(await stateOf('kept')).toBe('live');
  });

  it('leaves no session of the old password, whatever the order of many log-ins and a change', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [from, to] = [`hash-${round + 1}`, `hash-${round + 2}`];
      const names = Array.from({ length: 8 }, (_, n) => `r${round}-${n}`);
      const logIn = (name: string) => sessions.create(newSession('u1', name, { provedBy: from }));
      const before = names.slice(0, 4).map(logIn);
      const change = database.users.change('u1', { hashedPassword: to });
      await Promise.allSettled([...before, change, ...names.slice(4).map(logIn)]);

      expect(await sessions.list('u1', 'web')).toEqual([]);
    }
  });
});
