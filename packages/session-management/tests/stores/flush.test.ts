import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { UserManager } from '../../src/types/index.ts';
import { METADATA, openStores, type Stores, WEEK } from './support.ts';

let stores: Stores;
let manager: UserManager;

beforeAll(async () => {
  stores = await openStores();
  manager = await stores.manager();
});

afterAll(() => stores.close());

const keyOf = (sessionId: string): string =>
  `session:${createHash('sha256').update(sessionId).digest('base64url')}`;

async function keys(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of stores.redis.scanIterator({ MATCH: pattern, COUNT: 500 }))
    found.push(...page);
  return found;
}

describe('FLUSHALL with 200 live and 50 revoked sessions', () => {
  it('signs nobody out, brings nobody back, and heals with what is left of each life', async () => {
    const userId = await stores.user(manager);
    const ttls = Array.from({ length: 200 }, (_, index) => 3_600 + index * 60);
    const live = await Promise.all(
      ttls.map(async (ttl) => ({ ttl, id: await manager.createSession(userId, METADATA, ttl) })),
    );
    const other = await stores.user(manager);
    const revoked = await Promise.all(
      Array.from({ length: 50 }, () => manager.createSession(other, METADATA, WEEK)),
    );
    await Promise.all(revoked.map((id) => manager.deleteSession(id)));

    await stores.redis.flushDb();
    const fresh = await stores.manager();

    for (const who of [manager, fresh]) {
      const found = await Promise.all(live.map(({ id }) => who.findBySessionId(id)));
      expect(found.every((user) => user?.id === userId)).toBe(true);
      const dead = await Promise.all(revoked.map((id) => who.validateSession(id)));
      expect(new Set(dead.map((result) => result.status))).toEqual(new Set(['none']));
    }

    const liveKeys = live.map(({ id }) => keyOf(id));
    await vi.waitFor(async () => expect(await stores.redis.exists(liveKeys)).toBe(200), 5_000);
    for (const { id, ttl } of live) {
      const left = await stores.redis.ttl(keyOf(id));
      expect(left).toBeLessThanOrEqual(ttl);
      expect(left).toBeGreaterThan(ttl - 60);
    }
    await Promise.all(live.map(({ id }) => manager.deleteSession(id)));
    const after = await Promise.all(live.map(({ id }) => fresh.findBySessionId(id)));
    expect(after.filter((user) => user !== undefined)).toHaveLength(0);
  });

  it('leaves no key without a TTL and no sessionId in either store', async () => {
    const userId = await stores.user(manager);
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => manager.createSession(userId, METADATA, WEEK)),
    );
    await manager.extendSession(ids[0] ?? '', WEEK * 2);
    await manager.deleteSession(ids[1] ?? '');
    await manager.update(userId, { sessionId: ids[2] ?? '' });

    const all = await keys('*');
    expect(all.length).toBeGreaterThan(20);
    const ttls = await Promise.all(all.map((key) => stores.redis.pTTL(key)));
    expect(ttls.filter((ttl) => ttl <= 0)).toHaveLength(0);

    const values = await Promise.all(all.map((key) => stores.redis.get(key)));
    const { rows } = await stores.sql.query(
      'SELECT row_to_json(u)::text AS row FROM "User" u UNION ALL SELECT row_to_json(s)::text FROM sessions."Session" s',
    );
    const dump = [...all, ...values, ...rows.map(({ row }) => row)].join('\n');
    for (const id of ids) expect(dump).not.toContain(id);
  });
});

describe('the fast copy', () => {
  it('lives exactly as long as the session', async () => {
    const userId = await stores.user(manager);
    const id = await manager.createSession(userId, METADATA, WEEK);
    expect(await stores.redis.ttl(keyOf(id))).toBe(WEEK);
    await manager.extendSession(id, WEEK * 2);
    expect(await stores.redis.ttl(keyOf(id))).toBe(WEEK * 2);
    await manager.extendSession(id, WEEK * 52);
    expect(await stores.redis.ttl(keyOf(id))).toBe(30 * 86_400);
  });

  it.each([
    '{bad',
    'null',
    '[]',
    '"x"',
    '{}',
    '{"user_id":1}',
    '{"user_id":"u","created_at":0,"expires_at":"abc","ip":""}',
    '{"user_id":"u","created_at":0,"expires_at":"2099-01-01T00:00:00Z","ip":""}',
    '{"user_id":"nobody","created_at":0,"expires_at":99999999999999,"ip":""}',
  ])('that reads %s signs in its owner by the record and nobody else, and heals', async (text) => {
    const userId = await stores.user(manager);
    const id = await manager.createSession(userId, METADATA, WEEK);
    await stores.redis.set(keyOf(id), text, { expiration: { type: 'EX', value: 60 } });
    expect((await manager.findBySessionId(id))?.id).toBe(userId);
    await vi.waitFor(async () => {
      expect(JSON.parse((await stores.redis.get(keyOf(id))) ?? '{}')).toMatchObject({
        user_id: userId,
      });
    });
  });

  it('of a user signs in nobody by itself', async () => {
    const forged = 'A'.repeat(43);
    const userId = await stores.user(manager);
    const now = Date.now();
    const data = { user_id: userId, created_at: now, expires_at: now + 60_000, ip: '' };
    await stores.redis.set(keyOf(forged), JSON.stringify(data), {
      expiration: { type: 'EX', value: 60 },
    });
    expect(await manager.validateSession(forged)).toEqual({ status: 'none', reason: 'unknown' });
  });
});
