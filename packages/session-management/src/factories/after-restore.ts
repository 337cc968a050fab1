import { readDeployment } from '../adapters/postgres-identity.ts';
import { PostgresRestore } from '../adapters/postgres-restore.ts';
import { dropCopies } from '../adapters/redis-sweep.ts';
import { pendingMigrations } from '../migrations/apply-migrations.ts';
import { keyNames } from '../policy/key-names.ts';
import {
  MigrationFailedError,
  type RedisClient,
  SessionStoreUnavailableError,
} from '../types/index.ts';
import { leaseDatabase } from '../utils/prisma-singleton.ts';
import { parseRedisAddress } from '../utils/redis-address.ts';
import { leaseRedis } from '../utils/redis-singleton.ts';
import { readVariable } from './settings.ts';

export interface RestoreOptions {
  /** The database itself, or a pooler. */
  databaseUrl: string;
  redisUrl: string;
  /** Whether sessions that live in the restored record go on. */
  keep: boolean;
  /** Called with what is being done and how much of it is done. */
  onProgress(what: 'users' | 'sessions' | 'copies', done: number): void;
}

export interface RestoreReport {
  users: number;
  /** Sessions that lived in the restored record: ended, or with `keep` going on. */
  sessions: number;
  /** Keys taken out of Redis. */
  copies: number;
}

/** Longest wait for Redis at the beginning, and for one batch of rows, in milliseconds. */
const READY = 5_000;
const STATEMENT = 60_000;

/**
 * Makes a record that came from a backup the truth again: it outranks every copy, and the copies go.
 * May be said again after an interruption. Nothing is changed unless both stores answer.
 *
 * @throws {ConfigurationInvalidError} for `SESSION_KEY_PREFIX`.
 * @throws {MigrationFailedError} when the backup is older than a migration.
 * @throws {SessionStoreUnavailableError}
 */
export async function afterRestore(options: RestoreOptions): Promise<RestoreReport> {
  const keyPrefix = readVariable('SESSION_KEY_PREFIX') ?? '';
  const masters = await masterUrls(options.redisUrl);
  const pending = await pendingMigrations(options);
  if (pending.length > 0) {
    throw new MigrationFailedError(
      `the restored database lacks ${pending.join(', ')}. Do: session-management migrate, then this again`,
    );
  }

  const { names, ...record } = await restoreRecord(options, keyPrefix);
  let copies = 0;
  for (const url of masters) {
    const before = copies;
    copies += await withRedis(url, (client) =>
      dropCopies(client, names, (keys) => options.onProgress('copies', before + keys)),
    );
  }
  return { ...record, copies };
}

async function restoreRecord({ databaseUrl, keep, onProgress }: RestoreOptions, keyPrefix: string) {
  const database = leaseDatabase({ databaseUrl, maxConnections: 1 });
  const sql = database.value.statements(STATEMENT);
  const record = new PostgresRestore(sql);
  const users = (rows: number): void => onProgress('users', rows);
  try {
    const names = keyNames(await readDeployment(sql), keyPrefix);
    const raised = await (keep ? record.raiseUsers(users) : record.endUsers(users));
    if (keep) await record.raiseSessions((rows) => onProgress('sessions', rows));
    return { names, users: raised.rows, sessions: raised.live };
  } finally {
    await database.release();
  }
}

/** One URL for each master, each of which has answered. */
export async function masterUrls(redisUrl: string): Promise<string[]> {
  const address = parseRedisAddress(redisUrl);
  const slots = await withRedis(redisUrl, async (client) =>
    address.shape === 'cluster' ? client.sendCommand(['CLUSTER', 'SLOTS']) : null,
  );
  if (address.shape !== 'cluster' || !Array.isArray(slots)) return [redisUrl];

  const { password, tls, username } = address.access;
  const urls = slots.map((range: unknown) => {
    const url = new URL(`redis${tls ? 's' : ''}://${masterOf(range)}`);
    url.username = username ?? '';
    url.password = password ?? '';
    return url.href;
  });
  return [...new Set(urls)];
}

/** `host:port` of the first node that `CLUSTER SLOTS` names for a range. */
function masterOf(range: unknown): string {
  const [, , master]: unknown[] = Array.isArray(range) ? range : [];
  const [host, port]: unknown[] = Array.isArray(master) ? master : [];
  if (typeof host !== 'string' || host === '')
    throw new SessionStoreUnavailableError('redis', 'masters');
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function withRedis<T>(
  redisUrl: string,
  use: (client: RedisClient) => Promise<T>,
): Promise<T> {
  const redis = leaseRedis({ redisUrl });
  try {
    if (!(await redis.value.ready(READY)))
      throw new SessionStoreUnavailableError('redis', 'connect');
    return await use(redis.value.client);
  } finally {
    await redis.release();
  }
}
