import { PostgresAudit } from '../adapters/postgres-audit.ts';
import { PostgresDiagnosis, type RealmCount } from '../adapters/postgres-diagnosis.ts';
import { pendingMigrations } from '../migrations/apply-migrations.ts';
import { LIMITS } from '../policy/limits.ts';
import { planManager } from '../policy/manager-plan.ts';
import {
  EnvironmentRefusedError,
  hasCode,
  type Logger,
  MigrationFailedError,
  type UserManager,
} from '../types/index.ts';
import { leaseDatabase } from '../utils/prisma-singleton.ts';
import { buildOnStores } from './build-manager.ts';
import { readSettings } from './settings.ts';

/** The application's stores, for one command of an operator. */
export interface Operator {
  /** The manager of a realm; `web` unless told. */
  manager(realm?: string): UserManager;
  /** Sessions by realm, counted now: reads the whole table. */
  countSessions(): Promise<RealmCount[]>;
  /** Who opened and ended which session, and whether it is written. */
  audit: Pick<PostgresAudit, 'list' | 'switchTo'>;
}

/** An operator can wait, and one statement at a time is enough. In milliseconds. */
const POSTGRES_PATIENCE = 10_000;
const REDIS_PATIENCE = 2_000;
const COUNT_PATIENCE = 60_000;
const CONNECTIONS = 2;

/** What is worth saying, the command says itself. */
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * Builds the manager that an application of this environment has, so that copies and other
 * processes follow what is done with it, and closes it after use.
 *
 * @throws {EnvironmentRefusedError} in mock mode, where there is nothing that processes share.
 * @throws {ConfigurationInvalidError}
 * @throws {MigrationFailedError} when the database lacks a migration.
 */
export async function withOperator<T>(use: (operator: Operator) => Promise<T>): Promise<T> {
  const { policies, directUrl, timing, ...stores } = sharedStores();
  const direct = directUrl ?? stores.databaseUrl;
  await assertMigrated(direct);

  const plan = {
    ...stores,
    policies,
    timing,
    maxConnections: CONNECTIONS,
    postgresTimeout: POSTGRES_PATIENCE,
    redisTimeout: REDIS_PATIENCE,
    nearSize: { entries: 0, bytes: 0 },
    legacyUntil: null,
  };
  const { forRealm, manager } = await buildOnStores(plan, silent);
  try {
    return await use({
      manager: (realm) => (realm === undefined ? manager : forRealm(realm)),
      countSessions: () => countSessions(stores.databaseUrl),
      audit: auditOf(direct),
    });
  } finally {
    await manager.close();
  }
}

/** Whoever gives both URLs means them, so an unset `NODE_ENV` is no obstacle here. */
function sharedStores() {
  const { facts, ...settings } = readSettings({});
  const plan = planManager({ ...facts, nodeEnv: facts.nodeEnv ?? 'production' });
  if (plan.kind === 'refuse') throw new EnvironmentRefusedError(plan.why);
  if (plan.kind === 'mock') {
    throw new EnvironmentRefusedError(
      `this would be mock mode (${plan.why}), whose sessions no other process shares. ` +
        'Do: set NODE_ENV, DATABASE_URL and REDIS_URL as the application has them',
    );
  }
  return { ...settings, databaseUrl: plan.databaseUrl, redisUrl: plan.redisUrl };
}

async function assertMigrated(databaseUrl: string): Promise<void> {
  const pending = await pendingMigrations({ databaseUrl }).catch((error: unknown) => {
    // A database that does not answer is told by what is asked of it next.
    if (hasCode(error, 'STORE_UNAVAILABLE')) return [];
    throw error;
  });
  if (pending.length === 0) return;
  throw new MigrationFailedError(
    `the database lacks ${pending.join(', ')}. Do: session-management migrate`,
  );
}

async function countSessions(databaseUrl: string): Promise<RealmCount[]> {
  const database = leaseDatabase({ databaseUrl, maxConnections: 1 });
  try {
    const statements = database.value.statements(COUNT_PATIENCE);
    return await new PostgresDiagnosis(statements).countSessions(LIMITS.KEEP_ENDED);
  } finally {
    await database.release();
  }
}

/** Past a pooler, as whoever migrates: switching it is a change of the table. */
function auditOf(databaseUrl: string): Operator['audit'] {
  const using = async <T>(use: (audit: PostgresAudit) => Promise<T>): Promise<T> => {
    const database = leaseDatabase({ databaseUrl, maxConnections: 1 });
    try {
      return await use(new PostgresAudit(database.value.statements(POSTGRES_PATIENCE)));
    } finally {
      await database.release();
    }
  };
  return {
    list: (userId, limit) => using((audit) => audit.list(userId, limit)),
    switchTo: (state) => using((audit) => audit.switchTo(state)),
  };
}
