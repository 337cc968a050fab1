import type { Logger } from './ports.ts';

/** The three modes. */
export type ManagerEnvironment = 'mock' | 'development' | 'production';

/** What a manager is built from. What is given here wins over the environment variable of the same meaning. */
export interface ManagerConfiguration {
  /** `DATABASE_URL`: `postgres://` or `postgresql://`. */
  databaseUrl?: string | undefined;
  /** `REDIS_URL`: `redis://` or `rediss://`. */
  redisUrl?: string | undefined;
  /** `SESSION_MAX_CONNECTIONS`: size of the PostgreSQL pool of this process, 1 to 1000; 10 unless told. */
  maxConnections?: number | undefined;
  /** `SESSION_ABSOLUTE_TIMEOUT`: how long a session may live at most, seconds or such as `"30d"`; 30 days unless told. */
  absoluteTimeout?: number | string | undefined;
  /** Where log lines go; the console unless told. */
  logger?: Logger | undefined;
}

/** What a Prisma client is built from. One client per configuration and process. */
export interface PrismaClientConfig {
  /** `postgres://` or `postgresql://`. */
  databaseUrl: string;
  /** Size of the pool, 1 to 1000; `SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS` unless told. */
  maxConnections?: number | undefined;
}
