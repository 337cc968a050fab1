import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresAudit } from '../../src/adapters/postgres-audit.ts';
import { PostgresImpersonations } from '../../src/adapters/postgres-impersonations.ts';
import { PostgresOutbox } from '../../src/adapters/postgres-outbox.ts';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import type { SqlRunner } from '../../src/types/index.ts';
import {
  digestNamed,
  handleNamed,
  migratedDatabase,
  newSession,
  runnerOn,
  type TestDatabase,
} from './database.ts';

const USERS = 200;
const SESSIONS_EACH = 20;
const DAY = 86_400_000;

const nameOf = (n: number, m: number) => `s${n}-${m}`;
const digest = digestNamed(nameOf(7, 7));

/** What needs each index: a statement that is seen to read it. */
const NEEDED_BY: Record<string, [string, (sql: SqlRunner) => Promise<unknown>]> = {
  Subject_pkey: ['a lookup', (sql) => new PostgresSessionAdapter(sql).read([digest])],
  Subject_userId_key: ['a list', (sql) => new PostgresSessionAdapter(sql).list('u7', 'web')],
  Session_pkey: [
    'a use',
    (sql) => new PostgresSessionAdapter(sql).touch([handleNamed(nameOf(7, 7))], 0),
  ],
  Session_digest_key: ['a lookup', (sql) => new PostgresSessionAdapter(sql).read([digest])],
  Session_previousDigest_key: [
    'a lookup by the digest of before',
    (sql) => new PostgresSessionAdapter(sql).read([digestNamed('before')]),
  ],
  Session_live_idx: ['a list', (sql) => new PostgresSessionAdapter(sql).list('u7', 'web')],
  Session_actor_idx: [
    'the end of all of an administrator',
    (sql) => new PostgresSessionAdapter(sql).endAll('root', 'revoked-all'),
  ],
  Session_expiresAt_idx: [
    'cleanup',
    (sql) => new PostgresSessionAdapter(sql).deleteEnded(100, DAY),
  ],
  Session_revokedAt_idx: [
    'cleanup',
    (sql) => new PostgresSessionAdapter(sql).deleteEnded(100, DAY),
  ],
  Raise_pkey: ['cleanup', (sql) => new PostgresSessionAdapter(sql).markEnded(10)],
  Raise_waiting_idx: ['cleanup', (sql) => new PostgresSessionAdapter(sql).markEnded(10)],
  Outbox_pkey: ['a look', (sql) => new PostgresOutbox(sql).look(null, [], 5)],
  Outbox_key_idx: [
    'who carried its own change',
    (sql) =>
      new PostgresOutbox(sql).deleteCarried([
        { kind: 'user', key: 'u7', version: 1, master: 'a master' },
      ]),
  ],
  Audit_pkey: ['its shortening', (sql) => new PostgresAudit(sql).deleteOld(5, 100 * DAY)],
  Audit_userId_at_idx: ['its list', (sql) => new PostgresAudit(sql).list('u7', 10)],
  Audit_at_idx: ['its shortening', (sql) => new PostgresAudit(sql).deleteOld(5, 100 * DAY)],
};

/** Of a handful of rows each, where the index is there to refuse a second one. */
const REFUSES: Record<string, string> = {
  Masters_pkey: `INSERT INTO sessions."Masters" DEFAULT VALUES`,
  Lease_pkey: `INSERT INTO sessions."Lease" DEFAULT VALUES`,
  Migration_pkey: `INSERT INTO sessions."Migration"("name", "checksum") SELECT "name", '' FROM sessions."Migration"`,
  Grantee_pkey: `INSERT INTO sessions."Grantee" VALUES ('twice'), ('twice')`,
};

describe('each index of the schema of sessions', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await migratedDatabase();
    const { psql } = database;
    await psql(
      `INSERT INTO "User" (id, email, role) SELECT 'u' || n, 'u' || n || '@example.com', 'USER'::"UserRole"
       FROM generate_series(1, $1::int) n UNION ALL SELECT 'root', 'root@example.com', 'ADMIN'`,
      [USERS],
    );
    for (let n = 1; n <= USERS; n += 1) {
      await database.fill(
        `u${n}`,
        Array.from({ length: SESSIONS_EACH }, (_, m) => nameOf(n, m)),
      );
    }
    await psql(`INSERT INTO sessions."Subject" ("userId", "version")
      SELECT 'gone-' || n, 1 FROM generate_series(1, 4000) n`);
    await database.sessions.create(newSession('root', 'own'));
    const acting = { ...newSession('u7', 'acting'), actorDigest: digestNamed('own') };
    await new PostgresImpersonations(database.sql).open(acting);
    await psql(`UPDATE sessions."Session" SET "previousDigest" = sessions.digest('before')
      WHERE digest = sessions.digest('${nameOf(8, 8)}')`);
    await psql(`UPDATE sessions."Session" SET "expiresAt" = now() - interval '2 days'
      WHERE digest IN (SELECT sessions.digest('s' || n || '-0') FROM generate_series(1, 40) n)`);
    await psql(`UPDATE sessions."Session" SET "revokedAt" = now() - interval '2 days'
      WHERE digest IN (SELECT sessions.digest('s' || n || '-1') FROM generate_series(1, 40) n)`);
    await psql(`INSERT INTO sessions."Raise" ("subject", "floor", "at", "reason", "markedAt")
      SELECT o.id, 0, now(), 'revoked-all', CASE WHEN n > 1 THEN now() END
      FROM sessions."Subject" o, generate_series(1, 20) n WHERE o."userId" LIKE 'u%'`);
    await psql(`TRUNCATE sessions."Outbox" RESTART IDENTITY`);
    await psql(
      `INSERT INTO sessions."Outbox" ("kind", "key", "version", "isEnd")
       SELECT 'user', 'u' || n, 1, n % 2 = 0 FROM generate_series(1, 4000) n`,
    );
    await psql(
      `INSERT INTO sessions."Audit" ("at", "kind", "userId")
      SELECT now() - n * interval '1 hour', 'created', 'u' || n % $1::int FROM generate_series(1, 4000) n`,
      [USERS],
    );
    await psql('ANALYZE');
  });
  afterAll(() => database.close());

  it('is on this list, and nothing else is', async () => {
    const rows = await database.psql<{ name: string }>(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'sessions'`,
    );
    const listed = [...Object.keys(NEEDED_BY), ...Object.keys(REFUSES)];
    expect(rows.map(({ name }) => name).sort()).toEqual(listed.sort());
  });

  it.each(Object.entries(NEEDED_BY).map(([name, [by, run]]) => ({ name, by, run })))(
    'is read: $name by $by',
    async ({ name, run }) => {
      const scans = await database.inTransaction(async (client) => {
        await run(runnerOn(client));
        const { rows } = await client.query<{ scans: number }>(
          `SELECT pg_stat_get_xact_numscans($1::regclass)::int AS scans`,
          [`sessions."${name}"`],
        );
        return rows[0]?.scans;
      });
      expect(scans).toBeGreaterThan(0);
    },
  );

  it.each(Object.entries(REFUSES))('refuses: %s', async (name, text) => {
    await expect(database.psql(text)).rejects.toMatchObject({ code: '23505', constraint: name });
  });
});
