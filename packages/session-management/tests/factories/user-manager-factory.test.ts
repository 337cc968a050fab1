import { createClient } from '@redis/client';
import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  closePrismaClient,
  getPrismaClient,
  MockUserManagerWrapper,
  ProductionUserManager,
  UserManagerFactory,
} from '../../src/index.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { METADATA, quiet, WEEK } from '../stores/support.ts';

let databaseUrl: string;
let redisUrl: string;

beforeAll(async () => {
  [databaseUrl, redisUrl] = await Promise.all([freshDatabaseUrl(), freshRedisUrl()]);
  await applyMigrations({ databaseUrl });
});

beforeEach(() => {
  vi.stubEnv('DATABASE_URL', '');
  vi.stubEnv('REDIS_URL', '');
  vi.stubEnv('FORCE_MOCK_MODE', '');
  vi.stubEnv('SESSION_LOG_LEVEL', 'error');
  // A busy machine must not look like an outage.
  vi.stubEnv('SESSION_REDIS_TIMEOUT', '2s');
  vi.stubEnv('SESSION_POSTGRES_TIMEOUT', '4s');
});

afterEach(() => {
  UserManagerFactory.clearCache();
  vi.unstubAllEnvs();
});

function production(): void {
  vi.stubEnv('NODE_ENV', 'production');
  vi.stubEnv('DATABASE_URL', databaseUrl);
  vi.stubEnv('REDIS_URL', redisUrl);
}

async function connectionsOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'session-management' AND datname = current_database()",
  );
  await client.end();
  return rows[0].n;
}

it('has the manager clean up by itself, where it is told to', async () => {
  vi.useFakeTimers();
  try {
    const manager = await UserManagerFactory.create({ cleanupEvery: '1h' });
    const cleanup = vi.spyOn(manager, 'cleanup');
    await vi.advanceTimersByTimeAsync(5_400_000);
    expect(cleanup).toHaveBeenCalled();
    UserManagerFactory.clearCache();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

describe('one build per configuration', () => {
  it('gives fifty parallel first calls one manager, one Redis connection and at most one pool', async () => {
    production();
    const redis = createClient({ url: redisUrl });
    await redis.connect();
    const database = Number(new URL(redisUrl).pathname.slice(1));
    const clients = async () => (await redis.clientList()).filter(({ db }) => db === database);
    const before = (await clients()).length;
    const managers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0 ? UserManagerFactory.create() : UserManagerFactory.createForContext(),
      ),
    );
    expect(new Set(managers).size).toBe(1);
    expect(managers[0]).toBeInstanceOf(ProductionUserManager);
    expect((await clients()).length - before).toBe(1);
    expect(await connectionsOf(databaseUrl)).toBeLessThanOrEqual(10);
    await redis.close();
  });

  it('tells configurations apart, and not the order of their keys', async () => {
    vi.stubEnv('NODE_ENV', 'test');
    const a = await UserManagerFactory.create({ maxConnections: 3, absoluteTimeout: '1d' });
    const b = await UserManagerFactory.create({ absoluteTimeout: '1d', maxConnections: 3 });
    const c = await UserManagerFactory.create({ maxConnections: 4, absoluteTimeout: '1d' });
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    expect(UserManagerFactory.getCachedInstance()).toBe(c);
  });

  it('tells the hook that was given last, whoever opened the manager', async () => {
    vi.stubEnv('NODE_ENV', 'test');
    const [first, last] = [vi.fn(), vi.fn()];
    await UserManagerFactory.create({ onEvent: first });
    const manager = await UserManagerFactory.create({ onEvent: last });
    expect(await UserManagerFactory.createForContext()).toBe(manager);

    const [user] = await manager.listUsers({ limit: 1 });
    await manager.createSession(user?.id ?? '', METADATA, WEEK);
    await vi.waitFor(() => expect(last).toHaveBeenCalledTimes(1));
    expect(first).not.toHaveBeenCalled();
    expect(last.mock.calls[0]?.[0]).toMatchObject({ kind: 'created', userId: user?.id });
  });

  it('forgets a failed build, so that the next call tries again', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const refused = { code: 'ENVIRONMENT_REFUSED', message: expect.stringContaining('REDIS_URL') };
    await expect(UserManagerFactory.create({ databaseUrl })).rejects.toMatchObject(refused);
    await expect(UserManagerFactory.create({ databaseUrl })).rejects.toMatchObject(refused);
    expect(UserManagerFactory.getCachedInstance()).toBeNull();
    production();
    expect(await UserManagerFactory.create()).toBeInstanceOf(ProductionUserManager);
  });

  it('is one instance across two copies of the module', async () => {
    vi.stubEnv('NODE_ENV', 'test');
    const first = await UserManagerFactory.create();
    vi.resetModules();
    const again = await import('../../src/index.ts');
    expect(again.UserManagerFactory).not.toBe(UserManagerFactory);
    expect(await again.UserManagerFactory.create()).toBe(first);
  });
});

describe('a manager that was closed', () => {
  it.each(['mock', 'production'])('is no answer to who asks for one (%s)', async (mode) => {
    if (mode === 'production') production();
    const first = await UserManagerFactory.create();
    const view = await UserManagerFactory.createForContext('admin');
    await view.close();
    expect(await UserManagerFactory.createForContext('admin')).not.toBe(view);
    expect(await UserManagerFactory.create()).toBe(first);

    await first.close();
    expect(UserManagerFactory.getCachedInstance()).toBeNull();
    const [second, same] = await Promise.all([
      UserManagerFactory.create(),
      UserManagerFactory.create(),
    ]);
    expect(second).not.toBe(first);
    expect(same).toBe(second);
    expect(await second.count()).toBeGreaterThanOrEqual(0);
  });
});

describe('clearCache', () => {
  it('returns at once, lets running calls end well and refuses later ones', async () => {
    production();
    const manager = await UserManagerFactory.create();
    const running = manager.count();
    UserManagerFactory.clearCache();
    expect(UserManagerFactory.getCachedInstance()).toBeNull();
    expect(await running).toBe(0);
    await expect(manager.count()).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
    await vi.waitFor(async () => expect(await connectionsOf(databaseUrl)).toBe(0));
  });

  it('closes what the factory opened and never a client taken through getPrismaClient', async () => {
    production();
    const prisma = getPrismaClient({ databaseUrl });
    const manager = await UserManagerFactory.create();
    await manager.count();
    await manager.close();
    expect(await prisma.user.count()).toBe(0);
    await closePrismaClient();
    await vi.waitFor(async () => expect(await connectionsOf(databaseUrl)).toBe(0));
  });

  it('keeps a client that a manager uses when the application gives up its own', async () => {
    production();
    getPrismaClient({ databaseUrl });
    const manager = await UserManagerFactory.create();
    await closePrismaClient();
    expect(await manager.count()).toBe(0);
  });

  it('gives a caller whose build it overtook a manager that works', async () => {
    production();
    const pending = UserManagerFactory.create();
    UserManagerFactory.clearCache();
    expect(await (await pending).count()).toBe(0);
  });
});

describe('the environment decides', () => {
  it('gives mock with sample users, but none in production', async () => {
    vi.stubEnv('NODE_ENV', 'test');
    expect(await (await UserManagerFactory.create()).count()).toBeGreaterThan(0);
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('FORCE_MOCK_MODE', 'true');
    const forced = await UserManagerFactory.create();
    expect(forced).toBeInstanceOf(MockUserManagerWrapper);
    expect(await forced.count()).toBe(0);
  });

  it('starts in production while the stores do not answer, says "unavailable", and never mocks', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('DATABASE_URL', 'postgresql://127.0.0.1:1/nowhere');
    vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1');
    const manager = await UserManagerFactory.create({ logger: quiet });
    expect(manager).toBeInstanceOf(ProductionUserManager);
    await expect(manager.validateSession('a'.repeat(43))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await manager.close();
  });

  it('falls back to mock in development with one warning', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    vi.stubEnv('DATABASE_URL', 'postgresql://127.0.0.1:1/nowhere');
    vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1');
    const warn = vi.fn();
    const manager = await UserManagerFactory.create({ logger: { ...quiet, warn } });
    expect(manager).toBeInstanceOf(MockUserManagerWrapper);
    expect(warn.mock.calls.filter(([message]) => message === 'session.mock')).toHaveLength(1);
  });

  it('says at debug level what it saw, and no credentials', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    const debug = vi.fn();
    const config = {
      databaseUrl: 'postgresql://ada:secret-1@127.0.0.1:1/app',
      redisUrl: 'redis://:secret-2@127.0.0.1:1/3',
      logger: { ...quiet, debug },
    };
    await UserManagerFactory.create(config);
    const said = JSON.stringify(debug.mock.calls);
    expect(said).toContain('127.0.0.1:1/app');
    expect(said).not.toMatch(/secret|ada/);
  });

  it.each([
    ['SESSION_MAX_CONNECTIONS', 'many'],
    ['SESSION_MAX_CONNECTIONS', '0'],
    ['SESSION_ABSOLUTE_TIMEOUT', 'for ever'],
    ['SESSION_REALMS', 'admin'],
    ['SESSION_REALMS', '{"admin":{"freshFor":"31d"}}'],
    ['SESSION_NEAR_COPIES', '-1'],
    ['SESSION_NEAR_COPIES_BYTES', '64 MB'],
    ['FORCE_MOCK_MODE', 'yes'],
    ['DATABASE_URL', 'mysql://ada:secret@db/app'],
    ['REDIS_URL', 'ada:secret@cache'],
  ])('refuses %s=%s by name, without repeating a secret', async (name, value) => {
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('DATABASE_URL', databaseUrl);
    vi.stubEnv('REDIS_URL', redisUrl);
    vi.stubEnv(name, value);
    const error: unknown = await UserManagerFactory.create().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect(String(error)).toContain(name);
    expect(String(error)).not.toContain('secret');
  });
});

describe('realms', () => {
  it('have the policy that the environment or the option gives them', async () => {
    production();
    vi.stubEnv('SESSION_REALMS', '{"admin":{"absoluteTimeout":"12h"}}');
    const web = await UserManagerFactory.createForContext();
    const admin = await UserManagerFactory.createForContext('admin');

    expect(admin.policy.absoluteMs).toBe(12 * 3_600_000);
    expect(web.policy.absoluteMs).toBe(30 * 24 * 3_600_000);
    const other = await UserManagerFactory.create({ realms: { web: { freshFor: '5m' } } });
    expect(other.policy.freshForMs).toBe(300_000);
  });

  it('are views of the same stores in which an id of another realm is unknown', async () => {
    production();
    const web = await UserManagerFactory.createForContext();
    const admin = await UserManagerFactory.createForContext('admin');
    expect(await UserManagerFactory.createForContext('admin')).toBe(admin);
    expect(admin).toBeInstanceOf(ProductionUserManager);

    const email = 'realms@example.com';
    const { id: userId } = await web.create({ email, role: 'USER', isVerified: false });
    const [webId, adminId] = await Promise.all([
      web.createSession(userId, METADATA, WEEK),
      admin.createSession(userId, METADATA, WEEK),
    ]);
    expect((await admin.validateSession(adminId)).status).toBe('active');
    expect(await web.validateSession(adminId)).toEqual({ status: 'none', reason: 'unknown' });
    expect(await admin.validateSession(webId)).toEqual({ status: 'none', reason: 'unknown' });
    expect(await web.listSessions(userId)).toHaveLength(1);

    expect(await web.revokeAllSessions(userId)).toBe(2);
    expect(await admin.validateSession(adminId)).toEqual({ status: 'none', reason: 'revoked' });
  });

  it.each(['', 'Web', 'a b', '-a', 'a:b', 'x'.repeat(33)])(
    'refuses %j as a name',
    async (realm) => {
      vi.stubEnv('NODE_ENV', 'test');
      await expect(UserManagerFactory.createForContext(realm)).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    },
  );
});
