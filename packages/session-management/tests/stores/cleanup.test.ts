import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import type { UserManager } from '../../src/types/index.ts';
import { openStores, planOf, quiet, type Stores } from './support.ts';

const DAY = 86_400_000;

let stores: Stores;
let manager: UserManager;

beforeAll(async () => {
  stores = await openStores();
});

afterAll(() => stores.close());

/** Three sessions that ended two days ago. */
beforeEach(async () => {
  manager = await stores.manager();
  await stores.insertSessions(await stores.user(manager), 3, -48);
});

async function rowsOf(table: string): Promise<number> {
  return Number((await stores.sql.query(`SELECT count(*) FROM sessions."${table}"`)).rows[0].count);
}

it('ends after the batch when it is told to, and says what it did', async () => {
  const stop = new AbortController();
  const report = await manager.cleanup({
    batchSize: 1,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  expect(report).toEqual({ deleted: 1, auditDeleted: 0 });
  expect(await rowsOf('Session')).toBe(2);
  expect((await manager.cleanup()).deleted).toBe(2);
});

it('keeps for a day what has ended', async () => {
  const text = `UPDATE sessions."Session" SET "expiresAt" = past, "absoluteExpiresAt" = past
    FROM (SELECT now() - $1::interval) AS t(past)`;
  await stores.sql.query(text, ['23 hours 59 minutes']);
  expect((await manager.cleanup()).deleted).toBe(0);
  await stores.sql.query(text, ['24 hours']);
  expect((await manager.cleanup()).deleted).toBe(3);
});

it('ends after the batch when the manager closes, so that a backlog holds no process', async () => {
  let closed: Promise<void> | undefined;
  const report = await manager.cleanup({
    batchSize: 1,
    onProgress: () => {
      closed = manager.close();
    },
  });
  await closed;
  expect(report.deleted).toBe(1);
});

it('keeps lines of the audit as long as the setting says, unless it is told otherwise', async () => {
  const plan = { ...planOf(stores.databaseUrl, stores.redisUrl), auditKeep: 30 * DAY };
  const keeping = (await buildOnStores(plan, quiet)).manager;
  try {
    await stores.sql.query(
      `INSERT INTO sessions."Audit"("at", kind, "userId", realm, handle)
       SELECT now() - n * interval '10 days', 'created', 'u', 'web', gen_random_uuid() FROM generate_series(1, 5) n`,
    );
    expect((await manager.cleanup()).auditDeleted).toBe(0);
    // The third is older by the time that passes here.
    expect((await keeping.cleanup()).auditDeleted).toBe(3);
    expect((await keeping.cleanup({ auditOlderThan: '15d' })).auditDeleted).toBe(1);
    expect(await rowsOf('Audit')).toBe(1);
  } finally {
    await keeping.close();
  }
});
