import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemorySessionAdapter } from '../../src/adapters/memory-session-adapter.ts';
import { MemoryUserCopies } from '../../src/adapters/memory-user-copies.ts';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { ALONE } from '../../src/policy/key-names.ts';
import { applyChanges } from '../../src/propagation/apply-changes.ts';
import type { OutboxRow } from '../../src/types/index.ts';
import { ADA, migratedDatabase, newSession, runnerOn, type TestDatabase } from './database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await migratedDatabase();
});
afterAll(() => database.close());

/** Carries a change of this session, and says what was learnt and written. */
async function carry(digest: string) {
  const clock = { now: Date.now };
  const sessionCopies = new MemorySessionAdapter(clock);
  const ended: string[] = [];
  const row: OutboxRow = {
    xact: '1',
    id: '1',
    kind: 'session',
    key: digest,
    realm: 'web',
    isEnd: true,
    ageMs: 0,
  };
  const parts = {
    records: database.sessions,
    users: database.users,
    sessionCopies,
    userCopies: new MemoryUserCopies(clock),
    masters: { ownerOf: () => 'a master' },
    names: ALONE,
    learn: {
      sessionEnded: (gone: string) => void ended.push(gone),
      sessionChanged: () => undefined,
      userChanged: () => undefined,
    },
  };
  const carried = await applyChanges(parts, [row]);
  const { state } = await sessionCopies.read(digest, 'web');
  return { carried: carried.length, ended, state };
}

describe('a session whose time is up while its extension is under way', () => {
  it('is not buried by who carries another change of it', async () => {
    const { id } = await database.users.create({ ...ADA });
    const asked = newSession(id, 'brief', { ttlMs: 400 });
    await database.sessions.create(asked);
    const stateOf = async () =>
      (await database.sessions.read([asked.digest])).get(asked.digest)?.state;

    await database.inTransaction(async (client) => {
      await new PostgresSessionAdapter(runnerOn(client)).extend(asked.digest, 60_000);
      await expect.poll(stateOf).toBe('expired');
      expect(await carry(asked.digest)).toEqual({ carried: 0, ended: [], state: 'miss' });
      await client.query('COMMIT');
    });
    expect(await stateOf()).toBe('live');
  });

  it('is buried once no extension that began before its end can be under way', async () => {
    const { id } = await database.users.create({ ...ADA, email: 'bob@example.com' });
    const asked = newSession(id, 'over', { ttlMs: 1 });
    await database.sessions.create(asked);
    await expect
      .poll(() => carry(asked.digest), { timeout: 5_000 })
      .toEqual({ carried: 1, ended: [asked.digest], state: 'tombstone' });
  });
});
