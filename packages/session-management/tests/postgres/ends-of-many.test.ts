import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { PostgreSQLUserAdapter } from '../../src/adapters/postgres-user-adapter.ts';
import {
  handleNamed,
  migratedDatabase,
  newSession,
  runnerOn,
  type TestDatabase,
} from './database.ts';

const FEW = 10;
const MANY = 1_000;
/** Of the user, the subject, the session to keep, the raise and the outbox. */
const WRITTEN = 8;
/** Of sessions, for who has one or opens one: the row, its copies on the way, and what indexes look up again. */
const READ = 20;

interface Stores {
  sessions: PostgresSessionAdapter;
  users: PostgreSQLUserAdapter;
  client: pg.ClientBase;
}
type Verb = (stores: Stores, userId: string) => Promise<unknown>;

const nameOf = (userId: string, n: number) => `${userId}-${n}`;
const kept = (userId: string) => handleNamed(nameOf(userId, 0));

const ENDS: Record<string, Verb> = {
  'end all': ({ sessions }, id) => sessions.endAll(id, 'revoked-all'),
  'end the others': ({ sessions }, id) => sessions.endOthers(id, 'web', kept(id), 'revoked-others'),
  'set a new password': ({ users }, id) => users.change(id, { hashedPassword: 'hash-2' }),
  'set a new password and keep one': ({ users }, id) =>
    users.change(id, { hashedPassword: 'hash-2' }, { keepHandle: kept(id) }),
  'change the role': ({ users }, id) => users.change(id, { role: 'ADMIN' }),
  'set a new password by SQL': ({ client }, id) =>
    client.query(`UPDATE "User" SET "hashedPassword" = 'hash-3' WHERE id = $1`, [id]),
  'change the role by SQL': ({ client }, id) =>
    client.query(`UPDATE "User" SET role = 'ADMIN' WHERE id = $1`, [id]),
  'delete the user': ({ client }, id) => client.query('DELETE FROM "User" WHERE id = $1', [id]),
};

const RAISE_FLOORS = [
  'end all',
  'end the others',
  'set a new password',
  'set a new password and keep one',
];
const limited = { limit: { most: 2, rule: 'end-oldest' as const } };
const AFTER: Record<string, Verb> = {
  list: ({ sessions }, id) => sessions.list(id, 'web'),
  'count what an end ends': ({ sessions }, id) => sessions.endAll(id, 'revoked-all'),
  'log in at a limit': ({ sessions }, id) => sessions.create(newSession(id, 'new', limited)),
};

describe('an end of many', () => {
  let database: TestDatabase;
  const counted = async (client: pg.ClientBase) => {
    const { rows } = await client.query<{ read: number; written: number }>(
      `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int AS written,
         sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FILTER (WHERE relname = 'Session')::int AS read
       FROM pg_stat_xact_user_tables WHERE schemaname = 'sessions' OR relname = 'User'`,
    );
    return rows[0] ?? { read: Number.NaN, written: Number.NaN };
  };

  /** What a verb writes, and what the next one reads of sessions, in a transaction that is rolled back. */
  const measured = (userId: string, end: Verb, next: Verb = async () => undefined) =>
    database.inTransaction(async (client) => {
      const sql = runnerOn(client);
      const sessions = new PostgresSessionAdapter(sql);
      const stores = { client, sessions, users: new PostgreSQLUserAdapter(database.prisma, sql) };
      const before = await counted(client);
      await end(stores, userId);
      const between = await counted(client);
      await next(stores, userId);
      const after = await counted(client);
      return { written: between.written - before.written, read: after.read - between.read };
    });

  beforeAll(async () => {
    database = await migratedDatabase();
    await database.psql(
      `INSERT INTO "User" (id, email) SELECT 'u' || n, 'u' || n || '@example.com' FROM generate_series(1, 200) n
       UNION ALL VALUES ('few', 'few@example.com'), ('many', 'many@example.com')`,
    );
    const open = (userId: string, count: number) =>
      database.fill(
        userId,
        Array.from({ length: count }, (_, n) => nameOf(userId, n)),
      );
    for (let n = 1; n <= 200; n += 1) await open(`u${n}`, 10);
    await open('few', FEW);
    await open('many', MANY);
    await database.psql('ANALYZE');
  });
  afterAll(() => database.close());

  it.each(Object.entries(ENDS))('writes no more for a thousand: %s', async (_verb, end) => {
    const few = await measured('few', end);
    const many = await measured('many', end);

    expect(many.written).toBe(few.written);
    expect(many.written).toBeLessThanOrEqual(WRITTEN);
  });

  const pairs = Object.entries(ENDS)
    .filter(([end]) => RAISE_FLOORS.includes(end))
    .flatMap(([end, first]) =>
      Object.entries(AFTER).map(([next, then]) => ({ end, first, next, then })),
    );
  it.each(pairs)(
    'leaves nothing to read for who comes after: $end, then $next',
    async ({ first, then }) => {
      expect((await measured('many', first, then)).read).toBeLessThanOrEqual(READ);
    },
  );
});
