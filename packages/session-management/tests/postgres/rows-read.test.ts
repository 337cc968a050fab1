import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { PostgreSQLUserAdapter } from '../../src/adapters/postgres-user-adapter.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  runnerOn,
  type TestDatabase,
} from './database.ts';

const USERS = 20_000;
const SIGNED_IN = 200;
const SESSIONS_EACH = 20;

/** A prepared statement is planned for its values five times, then once for all. */
const CALLS = 8;

/** Of sessions and users, for one call: the row, its copies on the way, and what indexes look up again. */
const OF_ONE = 30;
/** The same for each session of a user. */
const OF_USER = 10 * SESSIONS_EACH;

interface Stores {
  sessions: PostgresSessionAdapter;
  users: PostgreSQLUserAdapter;
}

/** Digest, handle and user of the n-th session of user n. */
const nameOf = (n: number, m: number) => `s${n}-${m}`;
const named = (n: number) => ({
  digest: digestNamed(nameOf(n, 1)),
  handle: handleNamed(nameOf(n, 1)),
  userId: `u${n}`,
});
const limited = { limit: { most: SESSIONS_EACH, rule: 'end-oldest' as const } };
const idle = { timeoutMs: 60_000, updateAgeMs: 1_000 };

const VERBS: Record<string, [number, (stores: Stores, n: number) => Promise<unknown>]> = {
  read: [
    OF_ONE,
    ({ sessions }, n) => sessions.read([named(n).digest, digestNamed(`unknown-${n}`)]),
  ],
  create: [OF_ONE, ({ sessions }, n) => sessions.create(newSession(`u${n}`, `new-${n}`))],
  'create together': [
    OF_ONE,
    ({ sessions }, n) => sessions.createMany([newSession(`u${n}`, `together-${n}`)]),
  ],
  'create at the limit': [
    OF_USER,
    ({ sessions }, n) => sessions.create(newSession(`u${n}`, `new-${n}`, limited)),
  ],
  extend: [OF_ONE, ({ sessions }, n) => sessions.extend(named(n).digest, 60_000)],
  'confirm identity': [OF_ONE, ({ sessions }, n) => sessions.confirmIdentity(named(n).digest)],
  rotate: [OF_ONE, ({ sessions }, n) => sessions.rotate(named(n).digest, digestNamed(`next-${n}`))],
  'end by digest': [OF_ONE, ({ sessions }, n) => sessions.endByDigest(named(n).digest, 'revoked')],
  'end by handle': [
    OF_ONE,
    ({ sessions }, n) => sessions.endByHandle(`u${n}`, 'web', named(n).handle, 'revoked'),
  ],
  'end others': [
    OF_USER,
    ({ sessions }, n) => sessions.endOthers(`u${n}`, 'web', named(n).handle, 'revoked'),
  ],
  'end all': [OF_USER, ({ sessions }, n) => sessions.endAll(`u${n}`, 'revoked')],
  list: [OF_USER, ({ sessions }, n) => sessions.list(`u${n}`, 'web')],
  label: [OF_ONE, ({ sessions }, n) => sessions.label(`u${n}`, 'web', named(n).handle, 'Desk')],
  touch: [OF_ONE, ({ sessions }, n) => sessions.touch([named(n).handle], 0)],
  renew: [
    OF_ONE,
    ({ sessions }, n) => sessions.renew([{ handle: named(n).handle, absoluteMs: 90_000, idle }]),
  ],
  'find by e-mail': [OF_ONE, ({ users }, n) => users.findByEmail(`u${n}@example.com`)],
  snapshot: [OF_ONE, ({ users }, n) => users.snapshot(`u${n}`)],
  'change a role': [OF_ONE, ({ users }, n) => users.change(`u${n}`, { role: 'ADMIN' })],
  'change a password': [
    OF_USER,
    ({ users }, n) =>
      users.change(`u${n}`, { hashedPassword: `h${n}` }, { keepHandle: named(n).handle }),
  ],
};

/** Tables that PostgreSQL has no statistics of, as in the first minute after a migration or a restore. */
describe('the statements of a request', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await migratedDatabase();
    await database.psql(`ALTER TABLE sessions."Session" SET (autovacuum_enabled = false)`);
    await database.psql(`ALTER TABLE "User" SET (autovacuum_enabled = false)`);
    await database.psql(`ALTER TABLE sessions."Subject" SET (autovacuum_enabled = false)`);
    await database.psql(
      `INSERT INTO "User" (id, email) SELECT 'u' || n, 'u' || n || '@example.com'
       FROM generate_series(1, $1::int) n`,
      [USERS],
    );
    await database.psql(
      `INSERT INTO sessions."Subject" ("userId", "version") SELECT 'u' || n, 1 FROM generate_series(1, $1::int) n`,
      [USERS],
    );
    for (let n = 1; n <= SIGNED_IN; n += 1) {
      await database.fill(
        `u${n}`,
        Array.from({ length: SESSIONS_EACH }, (_, m) => nameOf(n, m + 1)),
      );
    }
  });
  afterAll(() => database.close());

  const verbs = Object.entries(VERBS).map(([verb, [most, ask]]) => ({ verb, most, ask }));
  it.each(verbs)('read at most $most rows to $verb', async ({ most, ask }) => {
    await database.inTransaction(async (client) => {
      const sql = runnerOn(client);
      const stores = {
        sessions: new PostgresSessionAdapter(sql),
        users: new PostgreSQLUserAdapter(database.prisma, sql),
      };
      const read = async () => {
        const { rows } = await client.query<{ rows: string }>(
          `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS rows
           FROM pg_stat_xact_user_tables WHERE relname IN ('Session', 'Subject', 'User')`,
        );
        return Number(rows[0]?.rows);
      };
      const each: number[] = [];
      for (let call = 1; call <= CALLS; call += 1) {
        const before = await read();
        await ask(stores, call);
        each.push((await read()) - before);
      }
      expect(Math.max(...each)).toBeLessThanOrEqual(most);
    });
  });
});
