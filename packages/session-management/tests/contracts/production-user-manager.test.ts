import { setTimeout as sleep } from 'node:timers/promises';
import { freshRedisUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { describeUserManager, STAGE_POLICIES } from '../../src/testing.ts';
import type { SessionEvent } from '../../src/types/index.ts';
import { migratedDatabase, type TestDatabase } from '../postgres/database.ts';
import { planOf } from '../stores/support.ts';

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
    ...planOf(database.url, await freshRedisUrl()),
    policies: STAGE_POLICIES,
  };
  const told: SessionEvent[] = [];
  const onEvent = (event: SessionEvent) => void told.push(event);
  const { forRealm, manager } = await buildOnStores(plan, silent, onEvent);
  return {
    manager,
    otherRealm: forRealm('admin'),
    idleRealm: forRealm('kiosk'),
    told,
    elapse: (ms) => sleep(ms + 1),
    close: () => manager.close(),
  };
});
