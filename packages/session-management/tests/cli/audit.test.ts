import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserManager } from '../../src/types/index.ts';
import { METADATA, openStores, type Stores, WEEK } from '../stores/support.ts';
import { command } from './command.ts';

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

afterAll(() => stores.close());

describe('session-management audit', () => {
  it('is off until it is switched on, then tells who ended what, and ends again', async () => {
    await manager.createSession(userId, METADATA, WEEK);
    expect((await command(['audit', 'list', userId], env)).stdout).toContain('0 lines');
    expect(await command(['audit', 'on'], env)).toEqual({
      code: 0,
      stdout: 'the audit is on\n',
      stderr: '',
    });
    const sessionId = await manager.createSession(userId, METADATA, WEEK);
    await command(['sessions', 'revoke', userId, '--all'], env);

    const { code, stdout } = await command(['audit', 'list', userId, '--json'], env);
    expect(code).toBe(0);
    const revoked = { reason: 'revoked-all', by: 'administrator', actor: 'command-line' };
    const [all, created] = JSON.parse(stdout).entries;
    expect(all).toMatchObject({ kind: 'all-revoked', realm: null, handle: null, ...revoked });
    expect(created).toMatchObject({ kind: 'created', ip: METADATA.ip });
    expect(stdout).not.toContain(sessionId);

    // The lines of the sessions follow with the next cleanup, dated alike.
    await command(['cleanup'], env);
    const { entries } = JSON.parse(
      (await command(['audit', 'list', userId, '--json'], env)).stdout,
    );
    expect(entries).toMatchObject([
      { kind: 'revoked', at: all.at, ...revoked },
      { kind: 'revoked', at: all.at, ...revoked },
      all,
      created,
    ]);
    const handles = entries.slice(0, 2).map(({ handle }: { handle: string }) => handle);
    expect(new Set(handles).size).toBe(2);
    expect(handles).toContain(created.handle);
    const shown = await command(['audit', 'list', userId, '--limit', '1'], env);
    expect(shown.stdout).toMatch(/^AT .*\n.*revoked .*revoked-all .*command-line\n$/);

    expect((await command(['audit', 'off', '--json'], env)).stdout).toBe('{"audit":"off"}\n');
    await manager.createSession(userId, METADATA, WEEK);
    expect(
      JSON.parse((await command(['audit', 'list', userId, '--json'], env)).stdout).entries,
    ).toHaveLength(4);
  });

  it('keeps its lines until cleanup is told of an age', async () => {
    await stores.sql.query(
      `INSERT INTO sessions."Audit"("at", kind, "userId", realm, handle)
       SELECT now() - interval '400 days', 'created', $1, 'web', gen_random_uuid() FROM generate_series(1, 5) n`,
      [userId],
    );
    const without = await command(['cleanup', '--json'], env);
    expect(JSON.parse(without.stdout)).toMatchObject({ auditDeleted: 0 });
    const { stdout } = await command(['cleanup', '--batch', '2', '--audit', '365d'], env);
    expect(stdout).toBe('deleted 0 ended sessions and 5 lines of the audit\n');
    const { code, stderr } = await command(['cleanup', '--audit', 'a year'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('365d');
    await expect(manager.cleanup({ auditOlderThan: 'a year' })).rejects.toThrow(RangeError);
  });
});
