import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createDatabase, emptyRedisDatabase } from './databases.ts';
import type {} from './vitest-setup.ts';

const REDIS_DATABASES = 16;

/** The URL of a new, empty database on the shared PostgreSQL. */
export function freshDatabaseUrl(): Promise<string> {
  const name = inject('databasePrefix') + randomBytes(8).toString('hex');
  return createDatabase(inject('databaseUrl'), name);
}

/** The URL of this worker's database on the shared Redis, emptied by each call. */
export function freshRedisUrl(): Promise<string> {
  const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);
  return emptyRedisDatabase(inject('redisUrl'), worker % REDIS_DATABASES);
}
