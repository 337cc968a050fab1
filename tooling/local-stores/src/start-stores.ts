import { type PostgresOptions, type PostgresStore, startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import type { RedisStore } from './redis-server.ts';
import { closeTogether, startTogether } from './store.ts';

export interface Stores {
  readonly postgres: PostgresStore;
  readonly redis: RedisStore;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Ends both for good and removes their folders. Also happens by itself when this process ends. */
  stop(): Promise<void>;
}

/**
 * Starts a private PostgreSQL and a private Redis on free ports of 127.0.0.1.
 *
 * Nothing of them outlives this process, whatever ends it.
 *
 * @throws {Error} One that says what to install, or what the store said when it did not start.
 */
export async function startStores(options: PostgresOptions = {}): Promise<Stores> {
  const both = await startTogether([startPostgres(options), startRedis({ log: options.log })]);
  const [postgres, redis] = both;
  return {
    postgres,
    redis,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    stop: () => closeTogether(both),
  };
}
