import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { dropDatabases } from './databases.ts';
import { startStores } from './start-stores.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string;
    redisUrl: string;
    /** How the names of the databases of this run begin. */
    databasePrefix: string;
  }
}

/**
 * One PostgreSQL and one Redis for all test files of a run: private ones, or those that
 * `TEST_DATABASE_URL` and `TEST_REDIS_URL` name (the run removes its databases there again).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const prefix = `test_${randomBytes(4).toString('hex')}_`;
  const stores = namedStores(prefix) ?? (await startStores());
  project.provide('databaseUrl', stores.databaseUrl);
  project.provide('redisUrl', stores.redisUrl);
  project.provide('databasePrefix', prefix);
  return () => stores.stop();
}

function namedStores(prefix: string) {
  const databaseUrl = process.env['TEST_DATABASE_URL'];
  const redisUrl = process.env['TEST_REDIS_URL'];
  if (databaseUrl === undefined && redisUrl === undefined) return null;
  if (databaseUrl === undefined || redisUrl === undefined) {
    throw new Error('set both TEST_DATABASE_URL and TEST_REDIS_URL, or neither');
  }
  return { databaseUrl, redisUrl, stop: () => dropDatabases(databaseUrl, prefix) };
}
