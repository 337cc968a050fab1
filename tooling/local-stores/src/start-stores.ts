import { type PostgresOptions, type PostgresStore, startPostgres } from './postgres.ts';
import { type RedisStore, startRedis } from './redis.ts';

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
  const [postgres, redis] = await Promise.allSettled([
    startPostgres(options),
    startRedis({ log: options.log }),
  ]);
  if (postgres.status === 'rejected' || redis.status === 'rejected') {
    const started = [postgres, redis].filter((each) => each.status === 'fulfilled');
    await Promise.all(started.map((each) => each.value.close()));
    const failed = [postgres, redis].find((each) => each.status === 'rejected');
    throw failed?.reason;
  }

  const both = [postgres.value, redis.value];
  return {
    postgres: postgres.value,
    redis: redis.value,
    databaseUrl: postgres.value.url,
    redisUrl: redis.value.url,
    stop: async () => void (await Promise.all(both.map((store) => store.close()))),
  };
}
