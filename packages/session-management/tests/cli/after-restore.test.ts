import { createClient, createCluster } from '@redis/client';
import { startCluster } from '@repo/local-stores';
import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RedisSessionAdapter } from '../../src/adapters/redis-session-adapter.ts';
import { RedisUserAdapter } from '../../src/adapters/redis-user-adapter.ts';
import { withNames } from '../../src/policy/key-names.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import { newSession } from '../../src/testing/samples.ts';
import type { UserCopy } from '../../src/types/index.ts';
import { wallClock } from '../../src/utils/clock.ts';
import { migratedDatabase, namesOn, type TestDatabase } from '../postgres/database.ts';
import { command } from './command.ts';

/** More users than one batch of the command takes. */
const USERS = 600;

const SIGNED_OUT_BEFORE = digestOf('signed-out-before');
const GOING_ON = digestOf('going-on');
const REVOKED_AFTER = digestOf('revoked-after');

/** Names that are not ours, however like ours they are. */
const FOREIGN = [
  'user:1',
  'su',
  'su:',
  'su:AAAAAA:AYkKXayWd0u8zrMCCZqAVw',
  'session',
  'session:',
  'session:short',
  `session:Admin:${GOING_ON}`,
  `session:a:b:${GOING_ON}`,
  `sessionx:${GOING_ON}`,
  `shop:session:${GOING_ON}`,
];
const LEFT = [...FOREIGN, 'session:of-another-type'].sort();

const connect = (url: string) => createClient({ url }).connect();

let database: TestDatabase;
let redis: Awaited<ReturnType<typeof connect>>;
let env: Record<string, string>;
let ada: UserCopy;

/**
 * A record as it comes from a backup, and the copies of what happened after it: a role that was
 * given and taken, a session that was revoked, one that only the copies know.
 */
beforeEach(async () => {
  database = await migratedDatabase();
  const redisUrl = await freshRedisUrl();
  redis = await connect(redisUrl);
  env = { DATABASE_URL: database.url, REDIS_URL: redisUrl };

  await database.psql(
    `INSERT INTO "User"(id, email) SELECT 'u' || n, 'u' || n || '@example.com' FROM generate_series(1, ${USERS}) n`,
  );
  await database.psql('SELECT sessions.subject_of("id") FROM "User"');
  await signIn('u2', SIGNED_OUT_BEFORE);
  await database.sessions.endByDigest(SIGNED_OUT_BEFORE, 'signed-out');
  const { session, user } = await signIn('u1', GOING_ON);
  await signIn('u1', REVOKED_AFTER);
  await database.psql('TRUNCATE sessions."Outbox"');
  // The backup is a minute old.
  await database.psql('UPDATE sessions."Subject" SET "version" = "version" - 60000');

  ada = { ...user, version: user.version + 1 };
  const known = { ...session, userVersion: ada.version };
  const source = withNames(await namesOn(database.url));
  const copies = new RedisSessionAdapter(redis, source);
  const users = new RedisUserAdapter(redis, source, wallClock);
  await users.fill({ ...ada, user: { ...ada.user, role: 'ADMIN' } }, session.confirmedAt);
  await copies.put({ ...known, version: 40 });
  await copies.put({ ...known, digest: digestOf('made-after'), version: 1 });
  await copies.put({ ...known, digest: digestOf('other-realm'), realm: 'admin' });
  await copies.end([REVOKED_AFTER], 'web');
  for (const key of FOREIGN) await redis.set(key, 'x');
  await redis.hSet('session:of-another-type', 'a', 'b');
});

afterEach(async () => {
  await redis.close();
  await database.close();
});

const signIn = (userId: string, digest: string) =>
  database.sessions.create(newSession(userId, { digest }));
const stateOf = async (digest: string) =>
  (await database.sessions.read([digest])).get(digest)?.state;
const written = () => database.psql('SELECT 1 FROM sessions."Outbox"');

describe('session-management after-restore', () => {
  it('signs everybody out, outranks every copy, drops them all, and says how many', async () => {
    const { code, stderr, stdout } = await command(['after-restore'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^raised the floors of 600 users, which ended 2 live sessions/);
    expect(stdout).toMatch(/\ndropped 5 copies in Redis/);

    expect(await Promise.all([GOING_ON, REVOKED_AFTER].map(stateOf))).toEqual([
      'revoked',
      'revoked',
    ]);
    const { copy } = await database.users.snapshot('u1');
    expect(copy?.version).toBeGreaterThan(ada.version);
    expect(copy?.user.role).toBe('USER');
    expect((await redis.keys('*')).sort()).toEqual(LEFT);
    expect(await written()).toEqual([]);
  });

  it('lets people sign in again, under versions above all that were', async () => {
    await command(['after-restore'], env);
    const { session, user } = await signIn('u1', digestOf('new'));

    expect(session.userVersion).toBe(user.version);
    expect(user.version).toBeGreaterThan(ada.version);
    expect(await stateOf(session.digest)).toBe('live');
    const made = await database.users.create({
      email: 'new@example.com',
      role: 'USER',
      isVerified: false,
    });
    const first = await signIn(made.id, digestOf('first'));
    expect(first.user.version).toBeGreaterThan(user.version);
  });

  it('with --keep signs nobody out, and still outranks and drops every copy', async () => {
    const { code, stderr, stdout } = await command(['after-restore', '--keep', '--json'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ users: 600, sessions: 2, copies: 5, kept: true });

    const answer = (await database.sessions.read([GOING_ON])).get(GOING_ON);
    expect(answer?.state).toBe('live');
    expect(answer?.state === 'live' && answer.live.session.version).toBeGreaterThan(40);
    expect(answer?.state === 'live' && answer.live.user.version).toBeGreaterThan(ada.version);
    expect(await stateOf(SIGNED_OUT_BEFORE)).toBe('revoked');
    expect((await redis.keys('*')).sort()).toEqual(LEFT);
    expect(await written()).toEqual([]);
  });

  it('drops what stands under the prefix that is set, and nothing else', async () => {
    const shop = await namesOn(database.url, 'shop:');
    const ours = [shop.user('u1'), shop.session(REVOKED_AFTER, 'admin')];
    for (const key of ours) await redis.set(key, 'x');
    const before = new Set(await redis.keys('*'));
    const prefixed = { ...env, SESSION_KEY_PREFIX: 'shop:' };
    const { stdout } = await command(['after-restore', '--json'], prefixed);

    expect(JSON.parse(stdout)).toMatchObject({ copies: 3 });
    for (const key of [...ours, `shop:session:${GOING_ON}`]) before.delete(key);
    expect(new Set(await redis.keys('*'))).toEqual(before);
  });

  it('may be said again', async () => {
    await command(['after-restore'], env);
    const { code, stdout } = await command(['after-restore', '--json'], env);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ users: 600, sessions: 0, copies: 0, kept: false });
  });

  it('changes nothing, and says what is missing, unless it has both stores', async () => {
    const [DATABASE_URL = '', REDIS_URL = ''] = [env['DATABASE_URL'], env['REDIS_URL']];
    const nowhere = 'redis://ada:secret@127.0.0.1:1';
    const gone = 'postgresql://ada:secret@127.0.0.1:1/x';
    const runs: [Record<string, string>, RegExp][] = [
      [{}, /^DATABASE_URL and REDIS_URL must be set/],
      [{ DATABASE_URL }, /^REDIS_URL must be set/],
      [{ DATABASE_URL, REDIS_URL: nowhere }, /^redis could not/],
      [{ DATABASE_URL: gone, REDIS_URL }, /^postgres could not/],
    ];
    for (const [variables, words] of runs) {
      const { code, stderr, stdout } = await command(['after-restore'], variables);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(words);
      expect(stderr).not.toMatch(/secret|\n +at /);
    }

    expect(await stateOf(GOING_ON)).toBe('live');
    expect(await redis.dbSize()).toBe(5 + LEFT.length);
  });

  it('asks for the migrations that a backup lacks', async () => {
    const DATABASE_URL = await freshDatabaseUrl();
    const { code, stderr } = await command(['after-restore'], { ...env, DATABASE_URL });

    expect(code).toBe(1);
    expect(stderr).toMatch(/lacks .*20250102000000_sessions[\s\S]*session-management migrate/);
    expect(await redis.dbSize()).toBe(5 + LEFT.length);
  });

  it('drops the copies of every master of a cluster', { timeout: 60_000 }, async () => {
    const cluster = await startCluster({ log: () => undefined });
    const rootNodes = cluster.nodes.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` }));
    const client = await createCluster({ rootNodes }).connect();
    try {
      const { session, user } = await namesOn(database.url);
      const digests = Array.from({ length: 50 }, (_, n) => digestOf(String(n)));
      const keys = digests.flatMap((digest) => [session(digest), user(digest)]);
      await Promise.all(keys.map((key) => client.set(key, '{}')));
      const { code, stdout } = await command(['after-restore', '--json'], {
        ...env,
        REDIS_URL: cluster.url,
      });

      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ copies: 100 });
      const left = await Promise.all(keys.map((key) => client.get(key)));
      expect(left.filter((text) => text !== null)).toEqual([]);
    } finally {
      await client.close();
      await cluster.close();
    }
  });
});
