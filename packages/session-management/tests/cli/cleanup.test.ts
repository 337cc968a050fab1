import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UserManager } from '../../src/types/index.ts';
import { METADATA, openStores, type Stores, WEEK } from '../stores/support.ts';
import { command, startCommand } from './command.ts';

let stores: Stores;
let manager: UserManager;
let env: Record<string, string>;
let userId: string;

beforeAll(async () => {
  stores = await openStores();
  manager = await stores.manager();
  env = { DATABASE_URL: stores.databaseUrl, REDIS_URL: stores.redisUrl };
  userId = await stores.user(manager);
});

beforeEach(() => stores.sql.query('DELETE FROM sessions."Session"'));

afterAll(() => stores.close());

const insert = (count: number, hoursAgo: number) => stores.insertSessions(userId, count, -hoursAgo);

const rows = async () =>
  Number((await stores.sql.query('SELECT count(*) FROM sessions."Session"')).rows[0].count);

describe('session-management cleanup', () => {
  it('deletes 50,000 ended sessions in two runs at once, and disturbs none of 100 that live', async () => {
    const live = await Promise.all(
      Array.from({ length: 100 }, () => manager.createSession(userId, METADATA, WEEK)),
    );
    await insert(50_000, 48);

    const runs = [1, 2].map(() => startCommand(['cleanup', '--json'], env));
    const ended = Promise.all(runs.map(({ end }) => end));
    let running = true;
    void ended.then(() => {
      running = false;
    });
    let lookups = 0;
    while (running) {
      const sessionId = live[lookups % live.length] ?? '';
      const { status } = await manager.validateSession(sessionId, { confirm: lookups % 2 === 0 });
      expect(status).toBe('active');
      lookups += 1;
    }

    const done = await ended;
    expect(done.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(2).fill({ code: 0, stderr: '' }),
    );
    const reports = done.map(({ stdout }) => JSON.parse(stdout));
    expect(reports[0].deleted + reports[1].deleted).toBe(50_000);
    expect(await rows()).toBe(100);
    expect(lookups).toBeGreaterThan(10);
  });

  it('keeps what ended less than a day ago, and says in words what it deleted', async () => {
    await insert(1, 30);
    await insert(5, 10);
    expect(await command(['cleanup', '--batch', '2'], env)).toEqual({
      code: 0,
      stdout: 'deleted 1 ended session\n',
      stderr: '',
    });
    expect(await rows()).toBe(5);
  });

  it('ends after the batch when it is interrupted, with 130 and what it did', async () => {
    await insert(20_000, 48);
    const { child, end } = startCommand(['cleanup', '--batch', '1', '--json'], env);
    await expect.poll(rows, { timeout: 10_000, interval: 10 }).toBeLessThan(20_000);
    child.kill('SIGINT');

    const { code, stderr, stdout } = await end;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    const { deleted, interrupted } = JSON.parse(stdout);
    expect(interrupted).toBe(true);
    expect(await rows()).toBe(20_000 - deleted);
  });

  it('refuses a batch that is none with 2', async () => {
    for (const batch of ['0', '10001', '1.5', 'many']) {
      const { code, stderr } = await command(['cleanup', '--batch', batch], env);
      expect({ batch, code }).toEqual({ batch, code: 2 });
      expect(stderr).toContain('a whole number from 1 to 10000');
    }
  });
});
