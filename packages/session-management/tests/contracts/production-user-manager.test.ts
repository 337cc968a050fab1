import { setTimeout as sleep } from 'node:timers/promises';
import { freshRedisUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { LIFETIMES } from '../../src/policy/limits.ts';
import { describeUserManager } from '../../src/testing.ts';
import { migratedDatabase, type TestDatabase } from '../postgres/database.ts';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

let database: TestDatabase;
beforeAll(async () => {
  database = await migratedDatabase();
});
afterAll(() => database.close());

/** Stores without users and sessions, and a manager that remembers nothing. */
describeUserManager('ProductionUserManager', async () => {
  await database.psql('TRUNCATE "User" CASCADE');
  const plan = {
    databaseUrl: database.url,
    redisUrl: await freshRedisUrl(),
    maxConnections: 4,
    absoluteMs: LIFETIMES.ABSOLUTE,
  };
  const { forRealm, manager } = await buildOnStores(plan, silent);
  return {
    manager,
    otherRealm: forRealm('admin'),
    elapse: (ms) => sleep(ms + 1),
    close: () => manager.close(),
  };
});
