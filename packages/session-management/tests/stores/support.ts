import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import pg from 'pg';
import { expect, vi } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import type { StoresPlan } from '../../src/factories/open-stores.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { LIMITS } from '../../src/policy/limits.ts';
import { DEFAULT_LOG_IN_LIMITS } from '../../src/policy/log-in-limits.ts';
import { DEFAULT_POLICIES } from '../../src/policy/realm-policy.ts';
import type { Logger, UserManager } from '../../src/types/index.ts';

export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message, fields) => {
    throw new Error(`logged an error: ${message} ${JSON.stringify(fields)}`);
  },
};

/** Patient limits: a busy machine must not look like an outage. */
export function planOf(databaseUrl: string, redisUrl: string): StoresPlan {
  return {
    databaseUrl,
    redisUrl,
    keyPrefix: '',
    maxConnections: 10,
    policies: DEFAULT_POLICIES,
    timing: { ...LIMITS, D: 8_000 },
    redisTimeout: 2_000,
    postgresTimeout: 4_000,
    nearSize: { entries: 1_000, bytes: 2 ** 24 },
    legacyUntil: null,
    logInLimits: DEFAULT_LOG_IN_LIMITS,
    auditKeep: null,
  };
}

export const METADATA = {
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
};
export const WEEK = 604_800;

/** A migrated database and an empty Redis of this test file, and managers on them as if in processes of their own. */
export interface Stores {
  databaseUrl: string;
  redisUrl: string;
  sql: pg.Pool;
  redis: ReturnType<typeof openRedis>;
  /** A manager with a memory of its own. */
  manager(): Promise<UserManager>;
  user(manager: UserManager): Promise<string>;
  /** Rows of sessions that no process opened, in SQL: how many, and in how many hours they end. */
  insertSessions(userId: string, count: number, hours: number, realm?: string): Promise<void>;
  close(): Promise<void>;
}

const INSERT_SESSIONS = `INSERT INTO sessions."Session"
    (id, digest, subject, realm, stamp, "idVersion", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt")
  SELECT gen_random_uuid(), sessions.digest(gen_random_uuid()::text), o.id, $4, o.counter, o.version, now(), now(), now(), t.ends, t.ends
  FROM sessions.subject_of($1) o, generate_series(1, $2::int), (SELECT now() + $3::int * interval '1 h') AS t(ends)`;

function openRedis(url: string) {
  return createClient({ url });
}

/** Resolves once the manager believes Redis: a master counts from a second after it was first met. */
export async function believed(manager: UserManager): Promise<void> {
  await vi.waitFor(async () => {
    expect((await manager.health()).propagation.trusted).toBe(true);
  }, 10_000);
}

export async function openStores(): Promise<Stores> {
  const [databaseUrl, redisUrl] = await Promise.all([freshDatabaseUrl(), freshRedisUrl()]);
  await applyMigrations({ databaseUrl });
  const sql = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  const redis = openRedis(redisUrl);
  await redis.connect();
  const managers: UserManager[] = [];

  return {
    databaseUrl,
    redisUrl,
    sql,
    redis,
    async manager() {
      const { manager } = await buildOnStores(planOf(databaseUrl, redisUrl), quiet);
      managers.push(manager);
      return manager;
    },
    async user(manager) {
      const email = `${randomUUID()}@example.com`;
      return (await manager.create({ email, role: 'USER', isVerified: false })).id;
    },
    async insertSessions(userId, count, hours, realm = 'web') {
      await sql.query(INSERT_SESSIONS, [userId, count, hours, realm]);
    },
    async close() {
      await Promise.all(managers.map((manager) => manager.close()));
      await sql.end();
      await redis.close();
    },
  };
}
