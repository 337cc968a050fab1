import type { SessionEventHook } from './events.ts';
import type { RealmConfiguration } from './policy.ts';
import type { LogInLimitsConfiguration } from './throttle.ts';
import type { Logger } from './tools.ts';

/** The three modes. */
export type ManagerEnvironment = 'mock' | 'development' | 'production';

/** What a manager is built from. What is given here wins over the environment variable of the same meaning. */
export interface ManagerConfiguration {
  /** `DATABASE_URL`: `postgres://` or `postgresql://`; parameters that nobody reads are refused by name. */
  databaseUrl?: string | undefined;
  /** `REDIS_URL`: `redis://`, `rediss://`, `redis+sentinel://h1,h2,h3/master-name` or `redis+cluster://h1,h2,h3`. */
  redisUrl?: string | undefined;
  /**
   * `SESSION_KEY_PREFIX`: stands before every key in Redis, `session:` included, such as `"shop:"`; none unless
   * told. Two deployments on one Redis believe nothing of each other, but need one each not to take each other's place.
   */
  keyPrefix?: string | undefined;
  /** `SESSION_MAX_CONNECTIONS`: size of the PostgreSQL pool of this process, 1 to 1000; 10 unless told. */
  maxConnections?: number | undefined;
  /** `SESSION_ABSOLUTE_TIMEOUT`: how long a session may live at most, seconds or such as `"30d"`; 30 days unless told. */
  absoluteTimeout?: number | string | undefined;
  /** `SESSION_REALMS` (JSON): the policy of each realm by its name, such as `{ admin: { absoluteTimeout: '12h' } }`. */
  realms?: Record<string, RealmConfiguration> | undefined;
  /** `SESSION_CONFIRM_AFTER`: F, how old a confirmation may be while PostgreSQL works; 30 s unless told, and at most. */
  confirmAfter?: number | string | undefined;
  /** `SESSION_OUTAGE_GRACE`: G, how much longer while it does not; 5 min unless told, and at most. */
  outageGrace?: number | string | undefined;
  /** `SESSION_LOOKUP_DEADLINE`: D, how long a lookup may take; 800 ms unless told. Such as `"500ms"`. */
  lookupDeadline?: number | string | undefined;
  /** `SESSION_REDIS_TIMEOUT`: longest wait for a reply of Redis; 50 ms unless told. */
  redisTimeout?: number | string | undefined;
  /** `SESSION_POSTGRES_TIMEOUT`: longest wait for a statement; 500 ms unless told. */
  postgresTimeout?: number | string | undefined;
  /** `SESSION_NEAR_COPIES`: how many sessions in use this process keeps decoded, 0 to 10 000 000; 50 000 unless told, 0 = none. */
  nearCopies?: number | undefined;
  /** `SESSION_NEAR_COPIES_BYTES`: of about how many bytes at most; 64 MiB unless told. */
  nearCopiesBytes?: number | undefined;
  /**
   * `SESSION_LEGACY_UNTIL`: until when sessions of the architecture document's own keys in Redis are
   * taken over, such as `{ until: '2026-12-31' }` (to the end of that day, UTC); none unless told.
   */
  legacySessions?: { until: string } | undefined;
  /**
   * `SESSION_LOGIN_LIMITS` (JSON): how many attempts to sign in and up are looked at, such as
   * `{ network: { most: 500, within: '15m' } }`; `'off'`: all. The defaults are in docs/security.md.
   */
  logInLimits?: LogInLimitsConfiguration | 'off' | undefined;
  /** `DATABASE_DIRECT_URL`: PostgreSQL past a pooler, for the commands that look into the catalogue or change tables; `databaseUrl` unless told. */
  directUrl?: string | undefined;
  /** `SESSION_CLEANUP_EVERY`: how often this process calls `cleanup()`, 1 minute to 7 days, such as `"1h"`, or `"off"`; once a day unless told. */
  cleanupEvery?: number | string | undefined;
  /** `SESSION_AUDIT_KEEP`: how old lines of the audit may be when `cleanup()` runs, such as `"365d"`; any age unless told. */
  auditKeep?: number | string | undefined;
  /** Where log lines go; the console unless told. */
  logger?: Logger | undefined;
  /** Hears of what happens to sessions and stores, off the request's path; the hook given last hears. */
  onEvent?: SessionEventHook | undefined;
}

/** What a Prisma client is built from. One client per configuration and process. */
export interface PrismaClientConfig {
  /** `postgres://` or `postgresql://`; parameters that nobody reads are refused by name. */
  databaseUrl: string;
  /** Size of the pool, 1 to 1000; `SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS` unless told. */
  maxConnections?: number | undefined;
  /** Longest wait for a connection, in milliseconds; 250 unless told. */
  connectionTimeout?: number | undefined;
}
