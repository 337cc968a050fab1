import { PrismaPg } from '@prisma/adapter-pg';
import { SESSION_CONSTANTS } from '@repo/constants';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import type { PrismaClientConfig, SqlRunner } from '../types/index.ts';
import { monotonicClock } from './clock.ts';
import { parsePostgresUrl } from './postgres-url.ts';
import { type Lease, type Opened, Shared } from './shared.ts';

/** A Prisma client and the pool under it. */
export interface Database {
  prisma: PrismaClient;
  /** Named statements on the same pool; each is given up after so many milliseconds. */
  statements(timeoutMs: number): SqlRunner;
  /** The same on a connection of its own, so that what is asked all the time waits for no request. */
  statementsApart(timeoutMs: number): SqlRunner;
}

/** A configuration with nothing left open. */
interface DatabasePlan {
  databaseUrl: string;
  connectionTimeout: number;
  maxConnections: number;
}

/** Longest wait for a connection of the pool unless told, in milliseconds. */
const POOL_WAIT = 250;
/**
 * How long a connection that nobody uses is kept, in milliseconds: a burst of log-ins after a quiet
 * minute must not spend its wait on opening connections.
 */
const POOL_IDLE = 300_000;
/**
 * Connections that are being opened at once. A database that has lost all of them must not be met by
 * all of them: opening is the dearest thing that it does, and what waits is served by the first that
 * is free.
 */
const OPENING = 2;
/** Where the pool has no more connections than this, none is set apart. */
const TOO_FEW = 3;
/** How the pool says that all its connections are in use. */
const POOL_EXHAUSTED = 'timeout exceeded when trying to connect';

const databases = new Shared<DatabasePlan, Database>('databases', open);

/**
 * The Prisma client of this configuration: one per process, with one pool.
 *
 * Synchronous: connects at the first statement. Stays open until {@link closePrismaClient}.
 * @throws {ConfigurationInvalidError} for a URL that cannot be read, and a parameter in it that is not.
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

function pick(config: PrismaClientConfig): DatabasePlan {
  const { connectionTimeout, databaseUrl, maxConnections } = config;
  return {
    databaseUrl: parsePostgresUrl(databaseUrl, 'databaseUrl'),
    connectionTimeout: connectionTimeout ?? POOL_WAIT,
    maxConnections: maxConnections ?? SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS,
  };
}

function open(config: DatabasePlan): Opened<Database> {
  const isShared = config.maxConnections <= TOO_FEW;
  const pool = poolOf(config, isShared ? config.maxConnections : config.maxConnections - 1);
  const apart = isShared ? pool : poolOf(config, 1);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    value: {
      prisma,
      statements: (timeoutMs) => namedStatements(pool, timeoutMs),
      statementsApart: (timeoutMs) => namedStatements(apart, timeoutMs),
    },
    close: async () => {
      await prisma.$disconnect();
      await Promise.all([...new Set([pool, apart])].map((each) => each.end()));
    },
  };
}

function poolOf({ connectionTimeout, databaseUrl }: DatabasePlan, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: connectionTimeout,
    idleTimeoutMillis: POOL_IDLE,
    keepAlive: true,
    application_name: 'session-management',
  });
  // An idle connection that breaks is replaced at the next statement, which reports what it meets.
  pool.on('error', () => undefined);
  openGently(pool);
  return pool;
}

/** What the pool may hold is what is open, and a few more; as long as somebody waits, it grows. */
function openGently(pool: pg.Pool): void {
  const { max } = pool.options;
  let open = 0;
  const bound = (change: number): void => {
    open += change;
    pool.options.max = Math.min(max, open + OPENING);
  };
  const grow = async (): Promise<void> => {
    // Who waits hears of a failure by its own time.
    const client = await pool.connect().catch(() => null);
    client?.release();
  };
  bound(0);
  pool.on('connect', (client) => {
    // The pool does not listen while a client is lent; its statement reports what it meets.
    client.on('error', () => undefined);
    bound(1);
    if (pool.waitingCount > 0) void grow();
  });
  pool.on('remove', () => bound(-1));
}

/** A pooler in transaction mode loses prepared statements; these are its ways of saying so. */
const LOST_STATEMENT = new Set(['26000', '42P05']);

/** How long plain statements are used after a name was lost, in milliseconds. */
const PLAIN_FOR = 60_000;

/** Named prepared statements, until a pooler between us and PostgreSQL is found to lose them. */
function namedStatements(pool: pg.Pool, timeoutMs: number): SqlRunner {
  let plainUntil = 0;

  return {
    async query<Row extends object>(name: string, text: string, values: readonly unknown[]) {
      // A connection on which an answer was given up is closed by the pool, never used again.
      const plain = { text, values: [...values], query_timeout: timeoutMs };
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

/**
 * Whether an error says nothing against PostgreSQL: its own word (it works, it only said no), or
 * a pool whose connections are all in use.
 */
export function isNoFaultOfPostgres(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return true;
  return error instanceof Error && error.message === POOL_EXHAUSTED;
}

function isLostStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && LOST_STATEMENT.has(error.code ?? '');
}
