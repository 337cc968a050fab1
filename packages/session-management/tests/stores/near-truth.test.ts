import { randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import { type RedisStore, startProxy, startRedis, type TcpProxy } from '@repo/local-stores';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import type { StoresPlan } from '../../src/factories/open-stores.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { encodeTombstone } from '../../src/policy/session-record.ts';
import type { UserManager } from '../../src/types/index.ts';
import { sessionKey } from '../names.ts';
import { namesOn } from '../postgres/database.ts';
import { METADATA, planOf, quiet, WEEK } from './support.ts';

let redis: RedisStore;
let proxy: TcpProxy;
let databaseUrl: string;
let sql: pg.Pool;
let admin: ReturnType<typeof createClient>;
/** Two processes as far as the stores can tell: each has its own connection and memory. */
let near: UserManager;
let other: UserManager;

const logger = { ...quiet, warn: () => undefined, error: () => undefined };

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startProxy({ target: redis });
  databaseUrl = await freshDatabaseUrl();
  await applyMigrations({ databaseUrl });
  sql = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  admin = createClient({ url: redis.url });
  await admin.connect();
}, 60_000);

afterAll(async () => {
  await admin?.close();
  await sql?.end();
  await proxy?.close();
  await redis?.close();
});

beforeEach(async () => {
  near = await open(proxy.url(redis.url));
  other = await open(redis.url);
});

afterEach(async () => {
  await proxy.heal();
  await Promise.all([near.close(), other.close()]);
});

async function open(redisUrl: string, change: Partial<StoresPlan> = {}): Promise<UserManager> {
  const plan = { ...planOf(databaseUrl, redisUrl), ...change };
  return (await buildOnStores(plan, logger)).manager;
}

async function newUser(): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  return (await other.create({ email, role: 'USER', isVerified: false })).id;
}

const logIn = (userId: string): Promise<string> => other.createSession(userId, METADATA, WEEK);

const until = (check: () => Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 5_000, interval: 5 });

/** Whether a lookup was answered by the near copy. */
async function isNear(manager: UserManager, sessionId: string): Promise<boolean> {
  const { hits } = (await manager.health()).nearCopies;
  const found = await manager.validateSession(sessionId);
  return found.status === 'active' && (await manager.health()).nearCopies.hits > hits;
}

async function nearlyKept(manager: UserManager, sessionId: string): Promise<void> {
  await until(async () => expect(await isNear(manager, sessionId)).toBe(true));
}

async function reads(): Promise<number> {
  const said = String(await admin.sendCommand(['INFO', 'commandstats']));
  const counts = [...said.matchAll(/^cmdstat_(?:get|mget|eval|evalsha):calls=(\d+)/gm)];
  return counts.reduce((sum, [, calls]) => sum + Number(calls), 0);
}

describe('near copies on a real Redis', () => {
  it('answer a session in use without a command', async () => {
    const sessionId = await logIn(await newUser());
    await nearlyKept(near, sessionId);
    const before = await reads();
    for (let n = 0; n < 1_000; n += 1) {
      expect((await near.validateSession(sessionId)).status).toBe('active');
    }
    expect(await reads()).toBe(before);
  });

  it('give each caller dates of its own and a session that nobody can change', async () => {
    const sessionId = await logIn(await newUser());
    await nearlyKept(near, sessionId);
    const first = await near.validateSession(sessionId);
    const second = await near.validateSession(sessionId);
    if (first.status !== 'active' || second.status !== 'active') throw new Error('not active');
    first.user.createdAt.setFullYear(1970);
    first.user.role = 'ADMIN';
    expect(second.user.role).toBe('USER');
    expect(second.user.createdAt.getFullYear()).toBeGreaterThan(1970);
    expect(Object.isFrozen(second.session)).toBe(true);
    expect(await near.validateSession(sessionId)).toEqual(second);
  });

  it('are made by a read only: neither a log-in nor a fill makes one', async () => {
    const userId = await newUser();
    const sessionId = await near.createSession(userId, METADATA, WEEK);
    expect((await near.health()).nearCopies.entries).toBe(0);
    await nearlyKept(near, sessionId);
  });

  it.each([
    ['a sign-out', (_userId: string, sessionId: string) => other.deleteSession(sessionId)],
    ['"end all"', (userId: string) => other.revokeAllSessions(userId)],
    [
      'a revoke typed into psql',
      (userId: string) =>
        sql.query(
          `UPDATE sessions."Session" SET "revokedAt" = now()
           WHERE "subject" = (SELECT "id" FROM sessions."Subject" WHERE "userId" = $1)`,
          [userId],
        ),
    ],
    [
      'a user deleted in psql',
      (userId: string) => sql.query('DELETE FROM "User" WHERE "id" = $1', [userId]),
    ],
  ])('refuse after %s elsewhere, and ever after', async (_what, end) => {
    const userId = await newUser();
    const sessionId = await logIn(userId);
    await nearlyKept(near, sessionId);
    await end(userId, sessionId);
    await until(async () => expect((await near.validateSession(sessionId)).status).toBe('none'));
    for (let n = 0; n < 100; n += 1) {
      expect((await near.validateSession(sessionId)).status).toBe('none');
    }
  });

  it('show a role that was changed elsewhere, by a verb or in psql', async () => {
    const userId = await newUser();
    const sessionId = await logIn(userId);
    await nearlyKept(near, sessionId);
    const role = async (): Promise<unknown> => (await near.findBySessionId(sessionId))?.role;

    await other.update(userId, { role: 'ADMIN' });
    await until(async () => expect(await role()).toBe('ADMIN'));
    await nearlyKept(near, sessionId);
    await sql.query('UPDATE "User" SET "role" = $2 WHERE "id" = $1', [userId, 'USER']);
    await until(async () => expect(await role()).toBe('USER'));
  });

  it('show an expiry that was moved elsewhere, and here at once', async () => {
    const sessionId = await logIn(await newUser());
    await nearlyKept(near, sessionId);
    const expiry = async (): Promise<number> => {
      const found = await near.validateSession(sessionId);
      return found.status === 'active' ? found.session.expiresAt : Number.NaN;
    };
    const week = await expiry();
    await near.extendSession(sessionId, WEEK * 2);
    expect(await expiry()).toBeGreaterThan(week + (WEEK * 1_000) / 2);

    await nearlyKept(near, sessionId);
    await other.extendSession(sessionId, 3_600);
    await until(async () => expect(await expiry()).toBeLessThan(week));
  });

  it('keep nothing of a read during which the session ended, in each of 60 races', async () => {
    const names = await namesOn(databaseUrl);
    const userId = await newUser();
    const ids = await Promise.all(Array.from({ length: 60 }, () => logIn(userId)));
    await nearlyKept(near, await logIn(userId));
    // Replies and news wait on their way, in their order: the session ends behind its own reading.
    proxy.delay(5, 5, 'toClient');
    for (const sessionId of ids) {
      const before = await reads();
      const lookup = near.validateSession(sessionId);
      await until(async () => expect(await reads()).toBeGreaterThan(before));
      const key = sessionKey(digestOf(sessionId));
      const tombstone = encodeTombstone(names.check(digestOf(sessionId)));
      await admin.sendCommand(['SET', key, tombstone, 'PX', '60000']);
      await lookup;
      // What Redis told before the answer to this one has been heard.
      await near.findBySessionId(`${sessionId.slice(1)}x`);
      expect((await near.validateSession(sessionId)).status).toBe('none');
    }
  });

  it('rest after FLUSHALL, ask the record, and come back', async () => {
    const sessionId = await logIn(await newUser());
    await nearlyKept(near, sessionId);
    await admin.sendCommand(['FLUSHALL']);
    await until(async () => {
      const text = await admin.sendCommand(['GET', sessionKey(digestOf(sessionId))]);
      expect((await near.validateSession(sessionId)).status).toBe('active');
      expect(text).not.toBeNull();
    });
    await nearlyKept(near, sessionId);
  });

  it('rest when Redis ends the connection, and come back with the next one', async () => {
    const sessionId = await logIn(await newUser());
    await nearlyKept(near, sessionId);
    proxy.reset();
    // Until the end of the connection has been seen, at most a second.
    await until(async () => expect(await isNear(near, sessionId)).toBe(false));
    await nearlyKept(near, sessionId);
  });

  it('answer nothing that ended while the link was half open, from a second on', async () => {
    const sessionId = await logIn(await newUser());
    await nearlyKept(near, sessionId);
    proxy.freeze();
    await other.deleteSession(sessionId);
    // The record says so as soon as the near copy rests.
    await until(async () => expect((await near.validateSession(sessionId)).status).toBe('none'));
    await proxy.heal();
    for (let n = 0; n < 100; n += 1) {
      expect((await near.validateSession(sessionId)).status).toBe('none');
    }
  });
});

describe('without near copies', () => {
  it('nothing is tracked, nothing kept, and everything else is the same', async () => {
    const alone = await open(redis.url.replace('127.0.0.1', 'localhost'), {
      nearSize: { entries: 0, bytes: 0 },
    });
    const sessionId = await logIn(await newUser());
    for (let n = 0; n < 3; n += 1) {
      expect((await alone.validateSession(sessionId)).status).toBe('active');
    }
    expect((await alone.health()).nearCopies).toMatchObject({ entries: 0, hits: 0 });
    await alone.close();
  });

  it('a Redis user who may not track is served from Redis', async () => {
    await admin.sendCommand([
      ...['ACL', 'SETUSER', 'reader', 'on', '>word', '~*', '+@all', '-client|tracking'],
    ]);
    const url = redis.url.replace('redis://', 'redis://reader:word@');
    const refused = await open(url);
    const sessionId = await logIn(await newUser());
    const before = await reads();
    for (let n = 0; n < 3; n += 1) {
      expect((await refused.validateSession(sessionId)).status).toBe('active');
    }
    expect(await reads()).toBeGreaterThan(before);
    expect((await refused.health()).nearCopies.hits).toBe(0);
    await refused.close();
    await admin.sendCommand(['ACL', 'DELUSER', 'reader']);
  });

  it.each([
    ['number', { entries: 2, bytes: 2 ** 20 }],
    ['bytes', { entries: 1_000, bytes: 2_200 }],
  ])('no more are kept than their %s allows', async (_what, nearSize) => {
    const small = await open(redis.url.replace('127.0.0.1', 'localhost'), { nearSize });
    const userId = await newUser();
    for (let n = 0; n < 10; n += 1) await nearlyKept(small, await logIn(userId));
    expect((await small.health()).nearCopies.entries).toBe(2);
    await small.close();
  });
});
