import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import { AUTH_CONSTANTS } from '@repo/constants';
import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import {
  generateSessionId,
  MockUserManagerWrapper,
  ProductionUserManager,
  RedisSessionAdapter,
  SESSION_CONSTANTS,
  type User,
  UserManagerFactory,
} from '@repo/session-management';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureBuilt, ROOT } from '../apps/web/tests/support/build.ts';
import { migrate, type Server, startServer } from '../apps/web/tests/support/server.ts';
import { newTranscript, PASSWORD, Visitor } from '../apps/web/tests/support/visitor.ts';
import {
  closePrismaClient,
  double,
  getEnvironment,
  getPrismaClient,
  usagePattern,
} from './fixtures/usage.ts';

/*
 * What a reader of the architecture document will try, by number. Where we differ on purpose the
 * test asserts the difference, and docs/deviations.md has its row.
 */

const run = promisify(execFile);
const METADATA = { ip: '1.2.3.4', userAgent: 'x' };
const WEEK = 604_800;

let databaseUrl: string;
let redisUrl: string;
let sql: pg.Pool;
let redis: ReturnType<typeof openRedis>;
const openRedis = (url: string) => createClient({ url });

beforeAll(async () => {
  await ensureBuilt();
  [databaseUrl, redisUrl] = await Promise.all([freshDatabaseUrl(), freshRedisUrl()]);
  await migrate(databaseUrl);
  sql = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  redis = openRedis(redisUrl);
  await redis.connect();
}, 300_000);

afterAll(async () => {
  await sql.end();
  await redis.close();
});

beforeEach(() => {
  vi.stubEnv('SESSION_LOG_LEVEL', 'error');
  // A busy machine must not look like an outage.
  vi.stubEnv('SESSION_REDIS_TIMEOUT', '2s');
  vi.stubEnv('SESSION_POSTGRES_TIMEOUT', '4s');
  environment('test', false);
});

afterEach(() => {
  UserManagerFactory.clearCache();
  vi.unstubAllEnvs();
});

function environment(nodeEnv: string | undefined, urls = true): void {
  vi.stubEnv('NODE_ENV', nodeEnv);
  vi.stubEnv('DATABASE_URL', urls ? databaseUrl : '');
  vi.stubEnv('REDIS_URL', urls ? redisUrl : '');
}

async function production() {
  environment('production');
  return await UserManagerFactory.create();
}

async function newUser(manager: { create: typeof double.create }): Promise<User> {
  const email = `${generateSessionId()}@example.com`;
  return await manager.create({ email, role: 'USER', isVerified: false });
}

const keyOf = (id: string) => `session:${createHash('sha256').update(id).digest('base64url')}`;

describe('names and constants', () => {
  it('1 imports, the usage pattern, and strict types with exactOptionalPropertyTypes', async () => {
    const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
    const flags =
      '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --target es2023 --module nodenext --types node';
    const fixture = `${ROOT}tests/fixtures/usage.ts`;
    await run(process.execPath, [tsc, '--ignoreConfig', ...flags.split(' '), fixture], {
      cwd: ROOT,
    });
    expect(await usagePattern()).toBe(WEEK);
    expect(getPrismaClient({ databaseUrl })).toBe(getPrismaClient({ databaseUrl }));
    await closePrismaClient();
  }, 60_000);

  it('2 constants by value', () => {
    expect(AUTH_CONSTANTS.SET_COOKIE_HEADER).toBe('Set-Cookie');
    expect(AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS).toBe(604_800);
    expect(SESSION_CONSTANTS).toEqual({
      ENVIRONMENTS: { MOCK: 'mock', DEVELOPMENT: 'development', PRODUCTION: 'production' },
      DATABASE: { MAX_CONNECTIONS: 10, CONNECTION_TIMEOUT: 30_000 },
      REDIS: { MAX_RETRIES: 3 },
    });
  });

  it('3 getEnvironment is total and looks at NODE_ENV only', () => {
    const seen = ['production', 'development', 'test', 'staging', undefined].map((nodeEnv) => {
      environment(nodeEnv);
      vi.stubEnv('FORCE_MOCK_MODE', 'true');
      return getEnvironment();
    });
    expect(seen).toEqual(['production', 'development', 'mock', 'mock', 'mock']);
  });
});

describe('the factory', () => {
  it('4 test with both URLs is mock; staging with both URLs refuses (deviation)', async () => {
    environment('test');
    expect(await UserManagerFactory.create()).toBeInstanceOf(MockUserManagerWrapper);
    environment('staging');
    await expect(UserManagerFactory.create()).rejects.toMatchObject({
      code: 'ENVIRONMENT_REFUSED',
    });
  });

  it('5 forced mock in production has no sample accounts (deviation)', async () => {
    environment('production');
    vi.stubEnv('FORCE_MOCK_MODE', 'true');
    vi.spyOn(console, 'warn').mockReturnValue();
    const manager = await UserManagerFactory.create();
    expect(manager).toBeInstanceOf(MockUserManagerWrapper);
    expect(await manager.count()).toBe(0);
  });

  it('6 one instance; clearCache forgets it; createForContext calls create', async () => {
    const create = vi.spyOn(UserManagerFactory, 'create');
    const a = await UserManagerFactory.create();
    const b = await UserManagerFactory.createForContext();
    expect(b).toBe(a);
    expect(UserManagerFactory.getCachedInstance()).toBe(a);
    expect(create).toHaveBeenCalledTimes(2);
    create.mockRestore();
    UserManagerFactory.clearCache();
    expect(UserManagerFactory.getCachedInstance()).toBeNull();
  });

  it('7 after clearCache a running call ends well, later ones say closed (deviation)', async () => {
    const manager = await production();
    const running = manager.count();
    UserManagerFactory.clearCache();
    expect(await running).toBeTypeOf('number');
    await expect(manager.count()).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
  });

  it('8 a double with the seven required members goes through handleSessionCleanup', async () => {
    const { handleSessionCleanup } = await import('../apps/web/src/server/trpc/routers/auth.ts');
    await expect(handleSessionCleanup(double, 'x')).resolves.toBeUndefined();
  });

  it('12 instanceof holds on PostgreSQL + Redis, also for a class that was loaded twice', async () => {
    const manager = await production();
    expect(manager).toBeInstanceOf(ProductionUserManager);
    vi.resetModules();
    const again = await import('@repo/session-management');
    expect(again.ProductionUserManager).not.toBe(ProductionUserManager);
    expect(manager).toBeInstanceOf(again.ProductionUserManager);
    environment('test');
    expect(await UserManagerFactory.create()).not.toBeInstanceOf(ProductionUserManager);
  });
});

describe.each(['mock', 'production'])('code written after the document, in %s', (mode) => {
  const open = () => (mode === 'production' ? production() : UserManagerFactory.create());

  it('9, 10, 11 update with a sessionId signs in, undefined signs out, and it is not given back', async () => {
    const manager = await open();
    const user = await newUser(manager);
    const ids = [generateSessionId(), 'V1StGXR8_Z5jdHi6B-myT', `test-session-1-${mode}`];
    for (const sessionId of ids) {
      const updated = await manager.update(user.id, { sessionId, lastLoginAt: new Date() });
      expect(updated).not.toHaveProperty('sessionId');
      expect((await manager.findBySessionId(sessionId))?.id).toBe(user.id);
      await manager.update(user.id, { sessionId: undefined });
      expect(await manager.findBySessionId(sessionId)).toBeUndefined();
    }
  });

  it('25 getAll gives as many users as count', async () => {
    const manager = await open();
    expect((await manager.getAll()).length).toBe(await manager.count());
  });
});

describe('sessions in the stores', () => {
  it('9 an account created long ago signs in by update, and 10 out, in a second process too', async () => {
    await sql.query(
      `INSERT INTO "User"(id, email, "createdAt") VALUES ('old', 'old@example.com', '2001-01-01Z')`,
    );
    const manager = await production();
    const second = await UserManagerFactory.create({ maxConnections: 2 });
    const sessionId = generateSessionId();
    await manager.update('old', { sessionId });
    expect((await manager.findBySessionId(sessionId))?.id).toBe('old');
    expect((await second.findBySessionId(sessionId))?.id).toBe('old');
    await manager.update('old', { sessionId: undefined });
    expect(await second.findBySessionId(sessionId)).toBeUndefined();
    expect(await manager.findBySessionId(sessionId)).toBeUndefined();
  });

  it('13 a session has its TTL and the five fields, under its digest (deviation)', async () => {
    const manager = await production();
    const { id } = await newUser(manager);
    const sessionId = await manager.createSession(id, METADATA, WEEK);
    expect(await redis.exists(`session:${sessionId}`)).toBe(0);
    expect(await redis.ttl(keyOf(sessionId))).toBe(WEEK);
    const stored = JSON.parse((await redis.get(keyOf(sessionId))) ?? '');
    expect(stored).toMatchObject({ user_id: id, ip: '1.2.3.4', user_agent: 'x' });
    expect(stored.expires_at - stored.created_at).toBe(WEEK * 1_000);
  });

  it('14 keys: n before log-in, n + 1 after; after log-out a tombstone of minutes stays (deviation)', async () => {
    const manager = await production();
    const { id } = await newUser(manager);
    const keys = async () => (await redis.keys('session:*')).length;
    const before = await keys();
    const sessionId = await manager.createSession(id, METADATA, WEEK);
    expect(await keys()).toBe(before + 1);
    await manager.deleteSession(sessionId);
    expect(await keys()).toBe(before + 1);
    expect(await redis.ttl(keyOf(sessionId))).toBeLessThanOrEqual(390);
  });

  it('15 extendSession sets the TTL, and no more than 30 days from the log-in (deviation)', async () => {
    const manager = await production();
    const { id } = await newUser(manager);
    const sessionId = await manager.createSession(id, METADATA, 1);
    await manager.extendSession(sessionId, 1_209_600);
    expect(await redis.ttl(keyOf(sessionId))).toBe(1_209_600);
    const found = await manager.validateSession(sessionId);
    if (found.status !== 'active') throw new Error('extended sessions live');
    expect(found.session.expiresAt - found.session.createdAt).toBeGreaterThan(1_209_000_000);
    await manager.extendSession(sessionId, 400 * 86_400);
    expect(await redis.ttl(keyOf(sessionId))).toBeLessThanOrEqual(30 * 86_400);
  });

  it('16 the Redis adapter alone: set, get, delete; a set after a delete is refused (deviation)', async () => {
    const adapter = new RedisSessionAdapter(redis);
    const now = Date.now();
    const data = { user_id: 'u', created_at: now, expires_at: now + 60_000, ip: '1.2.3.4' };
    await adapter.set('s1', data, 60);
    expect(await adapter.get('s1')).toEqual(data);
    await adapter.delete('s1');
    expect(await adapter.get('s1')).toBeNull();
    await expect(adapter.set('s1', data, 60)).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
  });

  it('17 what the adapter set alone signs nobody in (deviation)', async () => {
    const manager = await production();
    const { id } = await newUser(manager);
    const sessionId = generateSessionId();
    const now = Date.now();
    const data = { user_id: id, created_at: now, expires_at: now + 60_000, ip: '1.2.3.4' };
    await new RedisSessionAdapter(redis).set(sessionId, data, 60);
    expect(await manager.findBySessionId(sessionId)).toBeUndefined();
  });
});

describe('the web application on both stores', () => {
  let server: Server;
  let visitor: Visitor;
  const newVisitor = () => new Visitor(server.origin, newTranscript());

  beforeAll(async () => {
    const variables = { NODE_ENV: 'production', DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
    server = await startServer(variables);
    visitor = newVisitor();
    await visitor.register();
  }, 60_000);

  afterAll(() => server.stop());

  it('18 a lost key and FLUSHALL sign nobody out (deviation)', async () => {
    await redis.del(keyOf(visitor.sessionId));
    expect((await visitor.me()).status).toBe(200);
    await redis.flushDb();
    expect((await visitor.me()).status).toBe(200);
  });

  it("19 the document's statements sign in; the column shows a digest (deviation)", async () => {
    await sql.query(`INSERT INTO "User"(id, email) VALUES ('by-hand', 'by-hand@example.com')`);
    await sql.query(
      `UPDATE "User" SET "sessionId" = 'plain-id-0123456789abcdef' WHERE id = 'by-hand'`,
    );
    const byHand = newVisitor();
    byHand.cookies.set('sessionId', 'plain-id-0123456789abcdef');
    const answer = await byHand.me();
    expect(answer.json.result.data.user.id).toBe('by-hand');
    const { rows } = await sql.query(`SELECT "sessionId" FROM "User" WHERE id = 'by-hand'`);
    expect(rows[0].sessionId).toMatch(/^sha256:[\w-]{43}$/);
  });

  it('20 logging in by curl sets the cookie of the document, to the letter', async () => {
    const email = await newVisitor().register();
    const { stdout } = await run('curl', [
      ...['-s', '-i', '-XPOST', `${server.origin}/api/trpc/auth.login`],
      ...[
        '-H',
        'content-type: application/json',
        '-d',
        JSON.stringify({ email, password: PASSWORD }),
      ],
    ]);
    expect(stdout).toMatch(/^HTTP\/1.1 200/);
    expect(stdout).toMatch(
      /^set-cookie: sessionId=[\w-]{43}; HttpOnly; Path=\/; Max-Age=604800; SameSite=Lax\r$/im,
    );
  });

  it('21 Bearer signs in; a bare Authorization header does not (deviation)', async () => {
    const nobody = newVisitor();
    expect((await nobody.me({ Authorization: `Bearer ${visitor.sessionId}` })).status).toBe(200);
    expect((await nobody.me({ Authorization: visitor.sessionId })).status).toBe(401);
  });

  it('22 logging out clears the cookie to the letter, and logs no e-mail (deviation)', async () => {
    const leaving = newVisitor();
    const email = await leaving.register();
    const answer = await leaving.mutate('auth.logout');
    expect(answer.status).toBe(200);
    expect(answer.setCookies).toEqual(['sessionId=; HttpOnly; Path=/; Max-Age=0; SameSite=Lax']);
    expect(server.log()).toContain('User logged out');
    expect(server.log()).not.toContain(email);
  });

  it('23 a log-in through the web sets lastLoginAt and leaves sessionId NULL (deviation)', async () => {
    const email = await newVisitor().register();
    const query = 'SELECT "lastLoginAt", "sessionId" FROM "User" WHERE email = $1';
    const { rows } = await sql.query(query, [email]);
    expect(rows[0].lastLoginAt).toBeInstanceOf(Date);
    expect(rows[0].sessionId).toBeNull();
  });
});

describe('with both stores stopped', () => {
  it('24 createContext resolves with user null, says unavailable and writes one line', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('DATABASE_URL', 'postgresql://127.0.0.1:1/nowhere');
    vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1');
    vi.spyOn(console, 'warn').mockReturnValue();
    const error = vi.spyOn(console, 'error').mockReturnValue();
    const { createContext } = await import('../apps/web/src/server/trpc/context.ts');
    const sessionId = generateSessionId();
    const headers = { cookie: `sessionId=${sessionId}; __Host-sessionId=${sessionId}` };
    const req = { headers, cookies: {}, socket: { remoteAddress: '127.0.0.1' } };
    const context = await createContext({ req, res: {} } as never);
    expect(context).toMatchObject({ user: null, sessionStatus: 'unavailable' });
    const lines = error.mock.calls.map(([line]) => String(line));
    expect(lines.filter((line) => line.startsWith('Session validation error'))).toHaveLength(1);
    expect(lines.join()).not.toContain(sessionId);
  });
});
