export { createDatabase } from './databases.ts';
export { endWithUs } from './guard.ts';
export { type PostgresOptions, type PostgresStore, startPostgres } from './postgres.ts';
export { type Log, prepareStores } from './programs.ts';
export { type RedisOptions, type RedisStore, startRedis } from './redis.ts';
export { type Stores, startStores } from './start-stores.ts';
export type { Store } from './store.ts';
