import { PrismaPg } from '@prisma/adapter-pg';
import { SESSION_CONSTANTS } from '@repo/constants';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import type { PrismaClientConfig, SqlRunner } from '../types/index.ts';
import { monotonicClock } from './clock.ts';
import { type Lease, type Opened, Shared } from './shared.ts';

/** A Prisma client and the pool under it. */
export interface Database {
  prisma: PrismaClient;
  sql: SqlRunner;
}

/** Longest wait for a connection of the pool, and for one statement, in milliseconds. */
const POOL_WAIT = 1_000;
const STATEMENT = 2_000;

const databases = new Shared<PrismaClientConfig, Database>('databases', open);

/**
 * The Prisma client of this configuration: one per process, with one pool.
 *
 * Synchronous: connects at the first statement. Stays open until {@link closePrismaClient}.
 */
export function getPrismaClient(config: PrismaClientConfig): PrismaClient {
  return databases.take(pick(config)).prisma;
}

/**
 * Closes the client of this configuration, or all that were taken. Resolves at once where a user
 * manager still uses it: that client closes with the manager.
 */
export async function closePrismaClient(config?: PrismaClientConfig): Promise<void> {
  await databases.dismiss(config && pick(config));
}

/** The same client for as long as a manager lives. */
export function leaseDatabase(config: PrismaClientConfig): Lease<Database> {
  return databases.lease(pick(config));
}

function pick({ databaseUrl, maxConnections }: PrismaClientConfig): PrismaClientConfig {
  return {
    databaseUrl,
    maxConnections: maxConnections ?? SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS,
  };
}

function open({ databaseUrl, maxConnections }: PrismaClientConfig): Opened<Database> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    connectionTimeoutMillis: POOL_WAIT,
    query_timeout: STATEMENT,
    keepAlive: true,
    application_name: 'session-management',
  });
  // An idle connection that breaks is replaced at the next statement, which reports what it meets.
  pool.on('error', () => undefined);

  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    value: { prisma, sql: namedStatements(pool) },
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** A pooler in transaction mode loses prepared statements; these are its ways of saying so. */
const LOST_STATEMENT = new Set(['26000', '42P05']);

/** How long plain statements are used after a name was lost, in milliseconds. */
const PLAIN_FOR = 60_000;

/** Named prepared statements, until a pooler between us and PostgreSQL is found to lose them. */
function namedStatements(pool: pg.Pool): SqlRunner {
  let plainUntil = 0;

  return {
    async query<Row extends object>(name: string, text: string, values: readonly unknown[]) {
      const plain = { text, values: [...values] };
      if (monotonicClock.now() < plainUntil) return (await pool.query<Row>(plain)).rows;
      try {
        return (await pool.query<Row>({ name, ...plain })).rows;
      } catch (error) {
        if (!isLostStatement(error)) throw error;
        plainUntil = monotonicClock.now() + PLAIN_FOR;
        return (await pool.query<Row>(plain)).rows;
      }
    },
  };
}

function isLostStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && LOST_STATEMENT.has(error.code ?? '');
}
