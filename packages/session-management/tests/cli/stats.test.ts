import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METADATA, openStores, type Stores, WEEK } from '../stores/support.ts';
import { command } from './command.ts';

let stores: Stores;
let env: Record<string, string>;

beforeAll(async () => {
  stores = await openStores();
  env = { DATABASE_URL: stores.databaseUrl, REDIS_URL: stores.redisUrl };
  const manager = await stores.manager();
  const userId = await stores.user(manager);
  await stores.user(manager);
  await Promise.all([1, 2, 3].map(() => manager.createSession(userId, METADATA, WEEK)));
  const [ended] = await manager.listSessions(userId);
  await manager.revokeSession(userId, ended?.id ?? '');
  await stores.insertSessions(userId, 1, 1, 'admin');
  await stores.insertSessions(userId, 1, -48, 'old');
});

afterAll(() => stores.close());

describe('session-management stats', () => {
  it('counts users and sessions by realm, and tells how both stores are', async () => {
    const { code, stderr, stdout } = await command(['stats', '--json'], env);
    const up = { reachable: true, latencyMs: expect.any(Number) };

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      users: 2,
      realms: [
        { realm: 'admin', live: 1, ended: 0, due: 0 },
        { realm: 'old', live: 0, ended: 1, due: 1 },
        { realm: 'web', live: 2, ended: 1, due: 0 },
      ],
      waiting: expect.any(Number),
      stores: { postgres: up, redis: up },
    });
  });

  it('says the same in words', async () => {
    const { stdout } = await command(['stats'], env);
    expect(stdout).toMatch(/^users +2\nrealm admin +1 live, 0 ended, 0 of them due for cleanup\n/);
    expect(stdout).toMatch(/\nRedis +answers in [\d.]+ ms\n$/);
  });

  it('ends with 1 while a store is down, and tells what the other one knows', async () => {
    const [noRedis, noPostgres] = await Promise.all([
      command(['stats', '--json'], { ...env, REDIS_URL: 'redis://127.0.0.1:1' }),
      command(['stats', '--json'], { ...env, DATABASE_URL: 'postgresql://127.0.0.1:1/x' }),
    ]);
    expect([noRedis.code, noPostgres.code]).toEqual([1, 1]);
    expect(JSON.parse(noRedis.stdout)).toMatchObject({
      users: 2,
      stores: { redis: { reachable: false, latencyMs: null } },
    });
    expect(JSON.parse(noPostgres.stdout)).toMatchObject({
      users: null,
      realms: null,
      waiting: null,
      stores: { postgres: { reachable: false }, redis: { reachable: true } },
    });
  });
});

describe('the commands that stand on the stores', () => {
  const commands = [
    ['stats'],
    ['cleanup'],
    ['sessions', 'list', 'u'],
    ['sessions', 'revoke', 'u', '--all'],
  ];

  it('refuse mock mode, where nothing is shared, in one line', async () => {
    for (const args of commands) {
      const { code, stderr, stdout } = await command(args, { ...env, FORCE_MOCK_MODE: 'true' });
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' });
      expect(stderr).toMatch(/^this would be mock mode \(FORCE_MOCK_MODE=true\)[^\n]*\n$/);
    }
  });

  it('need both URLs, take an unset NODE_ENV for production, and refuse an unknown one', async () => {
    const run = (more: Record<string, string>) => command(['stats'], { ...env, ...more });
    expect((await run({ REDIS_URL: '' })).stderr).toMatch(/^NODE_ENV=production needs REDIS_URL/);
    expect((await run({ NODE_ENV: '' })).code).toBe(0);
    expect((await run({ NODE_ENV: 'staging' })).stderr).toMatch(/^NODE_ENV=staging is unknown/);
  });

  it('ask for the migrations that the database lacks', async () => {
    const { code, stderr } = await command(['stats'], {
      ...env,
      DATABASE_URL: await freshDatabaseUrl(),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^the database lacks [^\n]* Do: session-management migrate\n$/);
  });

  it('explain themselves with examples', async () => {
    for (const args of [
      ['doctor'],
      ['migrate'],
      ['after-restore'],
      ['cleanup'],
      ['stats'],
      ['sessions', 'revoke'],
    ]) {
      const { code, stdout } = await command([...args, '--help'], {});
      expect({ args, code }).toEqual({ args, code: 0 });
      expect(stdout).toContain('Examples:\n');
    }
  });
});
