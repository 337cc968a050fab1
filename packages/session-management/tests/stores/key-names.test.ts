import { createClient } from '@redis/client';
import { type RedisStore, startRedis } from '@repo/local-stores';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import type { UserManager } from '../../src/types/index.ts';
import { namesOn } from '../postgres/database.ts';
import { newUser } from './near-stage.ts';
import { believed, METADATA, planOf, quiet, WEEK } from './support.ts';

let redis: RedisStore;
let admin: ReturnType<typeof createClient>;
let databaseUrl: string;
const managers: UserManager[] = [];

beforeAll(async () => {
  redis = await startRedis();
  admin = createClient({ url: redis.url });
  await admin.connect();
  databaseUrl = await freshDatabaseUrl();
  await applyMigrations({ databaseUrl });
}, 60_000);

afterAll(async () => {
  await admin?.close();
  await redis?.close();
});

beforeEach(() => admin.flushAll());
afterEach(() => Promise.all(managers.splice(0).map((manager) => manager.close())));

async function open(keyPrefix: string, url = databaseUrl): Promise<UserManager> {
  const { manager } = await buildOnStores({ ...planOf(url, redis.url), keyPrefix }, quiet);
  managers.push(manager);
  await believed(manager);
  return manager;
}

/** Every verb that writes a copy, counts, or waits for the outbox. */
async function live(manager: UserManager): Promise<string> {
  const userId = await newUser(manager);
  const logIn = () => manager.createSession(userId, METADATA, WEEK);
  const [first, second, third] = await Promise.all([logIn(), logIn(), logIn()]);
  for (const id of [first, second, first, second]) await manager.validateSession(id);
  await manager.validateSession(first, { confirm: true });
  await manager.extendSession(first, 3_600);
  await manager.confirmIdentity(first);
  await manager.rotateSession(second);
  await manager.deleteSession(third);
  await manager.update(userId, { role: 'ADMIN' });
  const { session } = (await manager.validateSession(first)) as { session?: { id: string } };
  await manager.revokeOtherSessions(userId, session?.id ?? '');
  await manager.guardLogIn({ account: 'ann@example.org', ip: '192.0.2.1' }, async () => null);
  await manager.guardLogIn({ account: 'ann@example.org', ip: '192.0.2.1' }, async () => ({}));
  await manager.revokeAllSessions(userId);
  const kept = await logIn();
  await vi.waitFor(
    async () => expect((await manager.health()).propagation.waiting).toBe(0),
    10_000,
  );
  return kept;
}

describe('keys in Redis', () => {
  it('under other names than ours stay as they are, whatever is done', async () => {
    const { tag } = await namesOn(databaseUrl);
    const foreign = [
      'user:1',
      'su',
      `su${tag}`,
      `su:${tag}`,
      `xsu:${tag}:1`,
      'sessionx:1',
      'session',
      'throttle:1',
      'shop:session:1',
      'session-intents',
    ];
    for (const key of foreign) await admin.set(key, key);
    await live(await open(''));

    const keys = await admin.keys('*');
    expect(await admin.mGet(foreign)).toEqual(foreign);
    const ours = keys.filter((key) => !foreign.includes(key));
    expect(ours.filter((key) => !/^(session:[\w-]{43}|s[a-z]:)/.test(key))).toEqual([]);
  });

  it('are named with the prefix by every command that we send, in a script too', async () => {
    const watcher = admin.duplicate();
    await watcher.connect();
    const named: string[] = [];
    await watcher.monitor((line) => void named.push(...keysIn(String(line))));
    const manager = await open('shop:');
    const kept = await live(manager);
    await vi.waitFor(() => expect(named).toContain(`shop:session:${digestOf(kept)}`));
    watcher.destroy();

    expect(named.filter((key) => !/^shop:(session|s[a-z]):/.test(key))).toEqual([]);
    expect((await admin.keys('*')).filter((key) => !key.startsWith('shop:'))).toEqual([]);
  });
});

describe('two deployments on one Redis', () => {
  it('believe nothing of each other, and take nothing from each other', async () => {
    const otherUrl = await freshDatabaseUrl();
    await applyMigrations({ databaseUrl: otherUrl });
    const [ours, theirs] = await Promise.all([open(''), open('', otherUrl)]);
    const sessionId = await ours.createSession(await newUser(ours), METADATA, WEEK);
    const key = `session:${digestOf(sessionId)}`;
    const text = await admin.get(key);

    expect(await theirs.validateSession(sessionId)).toEqual({ status: 'none', reason: 'unknown' });
    await theirs.deleteSession(sessionId);
    expect((await ours.validateSession(sessionId)).status).toBe('active');
    expect(await admin.get(key)).toBe(text);
  });

  it('one of which is a clone: what one has revoked the other goes on with, by its own record', async () => {
    const userId = 'ada';
    const otherUrl = await freshDatabaseUrl();
    await applyMigrations({ databaseUrl: otherUrl });
    const ours = await open('');
    const sql = new pg.Pool({ connectionString: databaseUrl });
    const sqlOfClone = new pg.Pool({ connectionString: otherUrl });
    try {
      await sql.query(`INSERT INTO "User"(id, email) VALUES ($1, 'ada@example.org')`, [userId]);
      const sessionId = await ours.createSession(userId, METADATA, WEEK);
      for (const table of ['public."User"', 'sessions."Subject"', 'sessions."Session"']) {
        const { rows } = await sql.query(`SELECT to_jsonb(t) AS row FROM ${table} t`);
        for (const { row } of rows) {
          await sqlOfClone.query(
            `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`,
            [row],
          );
        }
      }
      const clone = await open('', otherUrl);
      await ours.deleteSession(sessionId);
      expect((await clone.validateSession(sessionId)).status).toBe('active');
      expect((await ours.validateSession(sessionId)).status).toBe('none');
    } finally {
      await Promise.all([sql.end(), sqlOfClone.end()]);
    }
  });
});

/** The keys in a line of `MONITOR`, of the commands that name some. */
function keysIn(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word);
  const [command = '', ...args] = words;
  const name = command.toUpperCase();
  if (name === 'EVAL' || name === 'EVALSHA') return args.slice(2, 3);
  if (name === 'MGET') return args;
  if (/^(GET|SET|DEL|UNLINK|PTTL|INCRBY|ZADD|ZRANGE|ZREVRANGE|ZREM\w*|PEXPIRE)$/.test(name)) {
    return args.slice(0, 1);
  }
  return [];
}
