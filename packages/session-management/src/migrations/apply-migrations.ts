import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  isSessionError,
  MigrationFailedError,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import { hasDocumentTable } from './adopt.ts';
import { closeUsers, noteGrantees, settleGrants, strangersGrants } from './grants.ts';
import { createHistory, readHistory, recordApplied } from './history.ts';
import { type Migration, planMigrations } from './plan-migrations.ts';
import { OWN_MIGRATIONS, readMigrations } from './read-migrations.ts';

export interface MigrationTarget {
  /** The database itself, not a pooler in transaction mode: the lock is a connection's. */
  databaseUrl: string;
  /** A folder in Prisma's layout; this package's own unless told. */
  directory?: string | undefined;
}

export interface MigrationOptions extends MigrationTarget {
  /** Called after each migration with its name, how many are done, and of how many. */
  onProgress?: ((name: string, done: number, total: number) => void) | undefined;
  /** Roles that may use the sessions, besides the owner; those that were named before may go on. */
  grantTo?: readonly string[] | undefined;
  /** Called with each right that was taken from a role that nobody has named. */
  onRevoked?: ((right: string) => void) | undefined;
}

/** Prisma's advisory lock, so that an application's own migrations do not run beside these. */
const LOCK = 72_707_369;

/** Longest wait for a connection, in milliseconds. */
const CONNECT = 10_000;

/**
 * Who waits for a lock makes everybody wait who comes after. So a migration gives up after so long, and
 * tries so often again after a pause, in milliseconds.
 */
const LOCK_WAIT = '2s';
const LOCK_TRIES = 20;
const LOCK_PAUSE = 1_000;

/**
 * Applies what is pending and answers the names, in order. Safe to run in parallel: one runs, the
 * others wait and find nothing to do. A database that already runs the document's design has the
 * first migration counted as applied.
 *
 * @throws {MigrationFailedError} with the database's own words, which may hold e-mail addresses
 *   (for the operator). The migration that failed changed nothing; those before it stay applied.
 * @throws {SessionStoreUnavailableError} when the database does not answer.
 */
export function applyMigrations(options: MigrationOptions): Promise<string[]> {
  return withClient(options.databaseUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await createHistory(client);
    await noteGrantees(client, options.grantTo ?? []);
    const pending = await pendingOf(client, options.directory);
    const applied: string[] = [];
    const tell = (rights: readonly string[]): void => {
      for (const right of rights) options.onRevoked?.(right);
    };
    for (const migration of pending) {
      tell(await applyWhenFree(client, migration));
      applied.push(migration.name);
      options.onProgress?.(migration.name, applied.length, pending.length);
    }
    if (await hasSessions(client)) tell(await settleGrants(client));
    return applied;
  });
}

/** Rights to what lies in the schema of sessions that neither the owner nor a role that was named has. */
export function rightsOfStrangers(target: MigrationTarget): Promise<string[]> {
  return withClient(target.databaseUrl, async (client) =>
    (await hasSessions(client)) ? await strangersGrants(client) : [],
  );
}

/** The names of the migrations that {@link applyMigrations} would apply. Changes nothing. */
export function pendingMigrations(target: MigrationTarget): Promise<string[]> {
  return withClient(target.databaseUrl, async (client) =>
    (await pendingOf(client, target.directory)).map(({ name }) => name),
  );
}

async function pendingOf(
  client: pg.Client,
  directory: string = OWN_MIGRATIONS,
): Promise<Migration[]> {
  return planMigrations(await readMigrations(directory), await readHistory(client));
}

async function applyWhenFree(client: pg.Client, migration: Migration): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await apply(client, migration);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (tries === LOCK_TRIES) throw heldBySomebody(migration);
    }
    await sleep(LOCK_PAUSE);
  }
}

function isLockTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.cause instanceof pg.DatabaseError &&
    error.cause.code === '55P03'
  );
}

function heldBySomebody({ name }: Migration): MigrationFailedError {
  return new MigrationFailedError(
    `migration ${name}: nothing of it was applied, since somebody holds a lock on a table that it changes. ` +
      'Expected: no transaction that stays open. Do: end it (pg_stat_activity shows it), then migrate again',
  );
}

/** The file, its row in the history and whom it is open to, in one transaction; the rights that were taken away. */
async function apply(client: pg.Client, migration: Migration): Promise<string[]> {
  const adopted = makesUserTable(migration) && (await hasDocumentTable(client));
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
    if (!adopted) await client.query(migration.sql);
    await recordApplied(client, migration);
    const revoked = await closed(client, migration, adopted);
    await client.query('COMMIT');
    return revoked;
  } catch (error) {
    // A connection that is gone has rolled back already.
    await client.query('ROLLBACK').catch(() => undefined);
    throw reported(`migration ${migration.name}: nothing of it was applied`, error);
  }
}

async function closed(
  client: pg.Client,
  migration: Migration,
  adopted: boolean,
): Promise<string[]> {
  if (makesUserTable(migration)) return adopted ? [] : await closeUsers(client);
  return (await hasSessions(client)) ? await settleGrants(client) : [];
}

async function hasSessions(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('sessions."Session"') IS NOT NULL AS there`,
  );
  return rows[0]?.there === true;
}

function makesUserTable({ sql }: Migration): boolean {
  return sql.includes('CREATE TABLE "User"');
}

/** The database's words for the operator; never the connection string, which holds a password. */
function reported(what: string, error: unknown): unknown {
  if (isSessionError(error)) return error;
  if (!(error instanceof pg.DatabaseError)) {
    return new SessionStoreUnavailableError('postgres', 'migrate', error);
  }
  const said = [error.message, error.detail, error.hint].filter(Boolean).join('\n');
  return new MigrationFailedError(`${what}. The database said:\n${said}`, { cause: error });
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = clientOf(url);
  // A connection that breaks also rejects the statement under way, which is where it is reported.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A role's limit is for requests; a migration takes as long as it takes.
    await client.query('SET statement_timeout = 0');
    // The users' table stands where the document puts it, whatever the role's own path.
    await client.query('SET search_path = public');
    return await use(client);
  } catch (error) {
    throw reported('the migrations cannot run', error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function clientOf(connectionString: string): pg.Client {
  try {
    return new pg.Client({
      connectionString,
      connectionTimeoutMillis: CONNECT,
      application_name: 'session-management migrate',
    });
  } catch {
    // Without its cause: the parser's error quotes the string, and the password in it.
    throw new MigrationFailedError(
      'the connection string cannot be read. Expected: postgresql://user:password@host:5432/database. ' +
        'Do: correct DATABASE_URL; characters such as @ and / in a password are percent-encoded',
    );
  }
}
