import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import pg from 'pg';
import { readDeployment } from '../../src/adapters/postgres-identity.ts';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { PostgreSQLUserAdapter } from '../../src/adapters/postgres-user-adapter.ts';
import { PrismaClient } from '../../src/generated/prisma/client.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { OWN_MIGRATIONS } from '../../src/migrations/read-migrations.ts';
import { keyNames } from '../../src/policy/key-names.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import type { CreateUserData, KeyNames, NewSession, SqlRunner } from '../../src/types/index.ts';

/** A database of its own for one test file. */
export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  sql: SqlRunner;
  prisma: PrismaClient;
  users: PostgreSQLUserAdapter;
  sessions: PostgresSessionAdapter;
  /** Takes users and sessions away, as if there had never been any. */
  empty(): Promise<void>;
  /** Opens sessions of these names by the table alone: from an hour ago, for an hour more. */
  fill(userId: string, names: readonly string[]): Promise<void>;
  /** How many statements wait for a lock. */
  waiting(): Promise<number>;
  /** Gives a transaction that is rolled back unless `use` commits it, so that a failure blocks no other test. */
  inTransaction<T>(use: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** Runs SQL as somebody at psql would; all rows of the last statement. */
  psql<Row extends object = Record<string, unknown>>(
    text: string,
    values?: unknown[],
  ): Promise<Row[]>;
  close(): Promise<void>;
}

/** A new user; the database gives the columns that are missing. */
export const ADA = {
  email: 'Ada@Example.com',
  hashedPassword: 'hash-1',
} as CreateUserData;

const EMPTY = `TRUNCATE "User", sessions."Subject", sessions."Session", sessions."Raise", sessions."Outbox"`;

const FILL = `INSERT INTO sessions."Session" ("id", "digest", "subject", "stamp", "idVersion",
    "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt")
  SELECT handle, sessions.digest(name), o."id", o."counter", o."version",
    began, began, began, now() + interval '1 hour', now() + interval '1 day'
  FROM sessions.subject_of($1) o, unnest($2::text[], $3::uuid[]) AS named(name, handle),
    (SELECT now() - interval '1 hour' AS began) long_ago`;

const WAITING = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;

export async function emptyDatabase(): Promise<TestDatabase> {
  const url = await freshDatabaseUrl();
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  pool.on('error', () => undefined);
  const sql = runnerOn(pool);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const psql = async <Row extends object>(text: string, values?: unknown[]) =>
    (await pool.query<Row>(text, values)).rows;
  return {
    url,
    pool,
    sql,
    prisma,
    users: new PostgreSQLUserAdapter(prisma, sql),
    sessions: new PostgresSessionAdapter(sql),
    psql,
    empty: async () => {
      await psql(EMPTY);
    },
    fill: async (userId, names) => {
      await psql(FILL, [userId, names, names.map(handleNamed)]);
    },
    waiting: async () => (await psql(WAITING)).length,
    inTransaction: async (use) => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        return await use(client);
      } finally {
        client.release(true);
      }
    },
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Runs statements on a pool, or on one connection of it. */
export function runnerOn(client: pg.Pool | pg.ClientBase): SqlRunner {
  return {
    query: async <Row extends object>(name: string, text: string, values: readonly unknown[]) =>
      (await client.query<Row>({ name, text, values: [...values] })).rows,
  };
}

/** The names that a manager on this database uses in Redis. */
export async function namesOn(databaseUrl: string, prefix = ''): Promise<KeyNames> {
  const pool = new pg.Pool({ connectionString: databaseUrl });
  try {
    return keyNames(await readDeployment(runnerOn(pool)), prefix);
  } finally {
    await pool.end();
  }
}

export async function migratedDatabase(): Promise<TestDatabase> {
  const database = await emptyDatabase();
  await applyMigrations({ databaseUrl: database.url });
  return database;
}

/** Our own, in order: the document's, and ours. */
export const MIGRATIONS = ['20250101000000_user', '20250102000000_sessions'];

/** A copy of the migrations that a test may change; the first `count` of them. */
export async function copiedMigrations(count = Number.POSITIVE_INFINITY) {
  const directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  const names = MIGRATIONS.slice(0, count);
  for (const name of names) {
    await cp(join(OWN_MIGRATIONS, name), join(directory, name), { recursive: true });
  }
  return { directory, remove: () => rm(directory, { recursive: true }) };
}

/** The digest of the sessionId with this name, as `sessions.digest` makes it. */
export function digestNamed(name: string): string {
  return digestOf(name);
}

/** A UUID of this name. Short names keep their order. */
export function handleNamed(name: string): string {
  const bytes = Buffer.from(name);
  const hex =
    bytes.length <= 16
      ? bytes.toString('hex').padEnd(32, '0')
      : createHash('sha256').update(name).digest('hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A session whose digest and handle have this name. */
export function newSession(
  userId: string,
  name: string,
  given: Partial<NewSession> = {},
): NewSession {
  return {
    digest: digestNamed(name),
    handle: handleNamed(name),
    userId,
    realm: 'web',
    ttlMs: 60_000,
    absoluteMs: 3_600_000,
    ip: '203.0.113.7',
    userAgent: 'Firefox',
    limit: null,
    termsOfRole: {},
    provedBy: null,
    ...given,
  };
}
