import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import pg from 'pg';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { PostgreSQLUserAdapter } from '../../src/adapters/postgres-user-adapter.ts';
import { PrismaClient } from '../../src/generated/prisma/client.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { OWN_MIGRATIONS } from '../../src/migrations/read-migrations.ts';
import type { CreateUserData, NewSession, SqlRunner } from '../../src/types/index.ts';

/** A database of its own for one test file. */
export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  sql: SqlRunner;
  prisma: PrismaClient;
  users: PostgreSQLUserAdapter;
  sessions: PostgresSessionAdapter;
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

export async function emptyDatabase(): Promise<TestDatabase> {
  const url = await freshDatabaseUrl();
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  pool.on('error', () => undefined);
  const sql = runnerOn(pool);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    url,
    pool,
    sql,
    prisma,
    users: new PostgreSQLUserAdapter(prisma, sql),
    sessions: new PostgresSessionAdapter(sql),
    psql: async <Row extends object>(text: string, values?: unknown[]) =>
      (await pool.query<Row>(text, values)).rows,
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

export async function migratedDatabase(): Promise<TestDatabase> {
  const database = await emptyDatabase();
  await applyMigrations({ databaseUrl: database.url });
  return database;
}

/** Our own, in order. */
export const MIGRATIONS = [
  '20250101000000_user',
  '20250102000000_sessions',
  '20250103000000_outbox',
  '20250104000000_policy',
  '20250105000000_rotation',
  '20250106000000_renewal',
  '20250107000000_audit',
  '20250108000000_devices_actor',
  '20250109000000_lean_indexes',
  '20250110000000_renewal_margin',
];

/** A copy of the migrations that a test may change; the first `count` of them. */
export async function copiedMigrations(count = Number.POSITIVE_INFINITY) {
  const directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  const names = MIGRATIONS.slice(0, count);
  for (const name of names) {
    await cp(join(OWN_MIGRATIONS, name), join(directory, name), { recursive: true });
  }
  return { directory, remove: () => rm(directory, { recursive: true }) };
}

export function newSession(
  userId: string,
  digest: string,
  given: Partial<NewSession> = {},
): NewSession {
  return {
    digest,
    handle: `handle-${digest}`,
    userId,
    realm: 'web',
    ttlMs: 60_000,
    absoluteMs: 3_600_000,
    ip: '203.0.113.7',
    userAgent: 'Firefox',
    limit: null,
    termsOfRole: {},
    ...given,
  };
}
