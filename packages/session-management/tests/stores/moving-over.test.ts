import { generateSessionId } from '@repo/exchange-core';
import { freshDatabaseUrl, freshRedisUrl } from '@repo/local-stores/vitest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import type { UserManager } from '../../src/types/index.ts';
import { copiedMigrations } from '../postgres/database.ts';
import { type OldProcess, oldProcess } from './old-process.ts';
import { planOf, quiet } from './support.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const ids = (count: number): string[] => Array.from({ length: count }, generateSessionId);

let old: OldProcess;
let databaseUrl: string;
let redisUrl: string;
const open: UserManager[] = [];

/** A process of ours, for which the move ends then. */
async function ours(legacyUntil: number | null = Date.now() + DAY): Promise<UserManager> {
  const { manager } = await buildOnStores({ ...planOf(databaseUrl, redisUrl), legacyUntil }, quiet);
  open.push(manager);
  return manager;
}

const stateOf = async (manager: UserManager, sessionId: string) => {
  const found = await manager.validateSession(sessionId);
  return found.status === 'active' ? found.user.id : found.reason;
};
const column = async (userId: string): Promise<string | null> =>
  (await old.sql.query('SELECT "sessionId" AS id FROM "User" WHERE id = $1', [userId])).rows[0].id;
const endOf = async (sessionId: string): Promise<number> => {
  const { rows } = await old.sql.query(
    `SELECT round(date_part('epoch', "expiresAt" - now()) * 1000) AS left FROM sessions."Session" WHERE "digest" = sessions.digest($1)`,
    [sessionId],
  );
  return rows[0].left;
};

async function openOld(): Promise<void> {
  [databaseUrl, redisUrl] = await Promise.all([freshDatabaseUrl(), freshRedisUrl()]);
  // The document's own table.
  const { directory, remove } = await copiedMigrations(1);
  await applyMigrations({ databaseUrl, directory });
  await remove();
  old = await oldProcess(databaseUrl, redisUrl);
}

async function closeOurs(): Promise<void> {
  await Promise.all(open.splice(0).map((manager) => manager.close()));
}

describe("a deployment of the document's design that moves over under traffic", () => {
  afterAll(async () => {
    await closeOurs();
    await old.close();
  });

  it('signs nobody out, leaves no plain id in either store and nobody immortal', async () => {
    await openOld();
    const users = Array.from({ length: 20 }, (_, n) => `u${n}`);
    const [phones, laptops] = [ids(20), ids(20)];
    for (const [n, user] of users.entries()) {
      await old.user(user);
      await old.createSession(user, phones[n] ?? '');
      await old.logIn(user, laptops[n] ?? '');
    }
    await old.redis.persist(`session:${phones[0]}`);
    const owner = new Map([...phones, ...laptops].map((id, n) => [id, `u${n % 20}`]));

    await applyMigrations({ databaseUrl });
    const managers = [await ours(), await ours()];
    const signedOut: string[] = [];
    const visit = async (sessionId: string): Promise<void> => {
      for (const manager of managers) {
        const answer = await stateOf(manager, sessionId);
        if (answer !== owner.get(sessionId)) signedOut.push(`${owner.get(sessionId)}: ${answer}`);
      }
    };
    const late = ids(20);
    const traffic = [...phones, ...laptops].map(visit);
    const logIns = late.map(async (sessionId, n) => {
      await old.logIn(`u${n}`, sessionId);
      owner.set(sessionId, `u${n}`);
      await visit(sessionId);
    });
    await Promise.all([...traffic, ...logIns]);
    expect(signedOut).toEqual([]);

    await expect.poll(() => plainKeys([...owner.keys()])).toEqual([]);
    const dump = await old.sql.query(
      'SELECT u::text FROM "User" u UNION ALL SELECT s::text FROM sessions."Session" s',
    );
    const text = JSON.stringify(dump.rows);
    expect([...owner.keys()].filter((sessionId) => text.includes(sessionId))).toEqual([]);
    for (const sessionId of owner.keys()) {
      expect(await endOf(sessionId)).toBeLessThanOrEqual(WEEK);
      for (const manager of managers)
        expect(await stateOf(manager, sessionId)).toBe(owner.get(sessionId));
    }
    for (const key of await old.redis.keys('*')) {
      expect([key, await old.redis.pTTL(key)]).not.toEqual([key, -1]);
    }
  });
});

async function plainKeys(sessionIds: string[]): Promise<string[]> {
  const keys = await old.redis.keys('session:*');
  return sessionIds.filter((sessionId) => keys.includes(`session:${sessionId}`));
}

describe('a session of the document’s design', () => {
  let manager: UserManager;
  let sessionId: string;
  beforeAll(async () => {
    await openOld();
    await applyMigrations({ databaseUrl });
  });
  afterAll(() => old.close());
  afterEach(closeOurs);
  beforeEach(async () => {
    await old.sql.query('DELETE FROM "User"');
    await old.sql.query('TRUNCATE sessions."Session", sessions."Subject"');
    await old.user('ada');
    sessionId = generateSessionId();
    manager = await ours();
  });

  it('keeps where it came from and when it began', async () => {
    const began = Date.now() - DAY;
    await old.createSession('ada', sessionId, { created_at: began });

    const found = await manager.validateSession(sessionId);
    if (found.status !== 'active') throw new Error(found.reason);
    expect(found.session).toMatchObject({ ip: '203.0.113.7', userAgent: 'Firefox', realm: 'web' });
    expect(found.session.createdAt).toBe(began);
    expect(found.session.authenticatedAt).toBe(began);
    expect((await manager.listSessions('ada')).map(({ id }) => id)).toEqual([found.session.id]);
    expect(await stateOf(manager, sessionId)).toBe('ada');
  });

  it.each([
    ['says a far end', { expires_at: 8.64e15 }, WEEK],
    ['began 29 days ago', { created_at: Date.now() - 29 * DAY }, DAY],
    ['says that it begins in the future', { created_at: 8.64e15, expires_at: 8.64e15 }, WEEK],
    ['ends in an hour', { expires_at: Date.now() + 3_600_000 }, 3_600_000],
  ])('that %s ends when it should', async (_what, data, most) => {
    await old.createSession('ada', sessionId, data);
    await old.redis.persist(`session:${sessionId}`);

    expect(await stateOf(manager, sessionId)).toBe('ada');
    const left = await endOf(sessionId);
    expect(left).toBeLessThanOrEqual(most);
    expect(left).toBeGreaterThan(most - 60_000);
    expect(await plainKeys([sessionId])).toEqual([]);
  });

  it.each([
    ['has expired', { expires_at: Date.now() - 1 }, 'expired'],
    ['began longer ago than the absolute limit', { created_at: Date.now() - 31 * DAY }, 'expired'],
    ['is of nobody', { user_id: 'nobody' }, 'unknown'],
    ['says a time that is none', { created_at: -8.64e15 }, 'unknown'],
  ])('that %s signs nobody in', async (_what, data, reason) => {
    await old.createSession('ada', sessionId, data);
    expect(await stateOf(manager, sessionId)).toBe(reason);
  });

  it.each(['', '{', '[]', '"ada"', '{"user_id":"ada"}', '{"tombstone":true}'])(
    'is not read into %j, which stays',
    async (text) => {
      await old.redis.set(`session:${sessionId}`, text, { EX: 60 });
      expect(await stateOf(manager, sessionId)).toBe('unknown');
      expect(await old.redis.get(`session:${sessionId}`)).toBe(text);
    },
  );

  it('goes on where the process ends between the record and the key', async () => {
    await old.createSession('ada', sessionId);
    const text = (await old.redis.get(`session:${sessionId}`)) ?? '';
    await stateOf(manager, sessionId);
    await old.redis.set(`session:${sessionId}`, text);

    const next = await ours();
    expect(await stateOf(next, sessionId)).toBe('ada');
    await expect.poll(() => plainKeys([sessionId])).toEqual([]);
    expect(await next.listSessions('ada')).toHaveLength(1);
  });

  it('is one session, however many processes meet it at once', async () => {
    await old.createSession('ada', sessionId);
    const managers = [manager, await ours(), await ours()];
    const visits = Array.from({ length: 30 }, (_, n) =>
      stateOf(managers[n % 3] ?? manager, sessionId),
    );
    expect(new Set(await Promise.all(visits))).toEqual(new Set(['ada']));
    expect(await manager.listSessions('ada')).toHaveLength(1);
  });

  it('does not return once revoked, though its key does', async () => {
    await old.createSession('ada', sessionId);
    await stateOf(manager, sessionId);
    await manager.deleteSession(sessionId);
    await old.createSession('ada', sessionId);

    for (const each of [manager, await ours()])
      expect(await stateOf(each, sessionId)).toBe('revoked');
  });

  it('rotates, also at its first visit, and its sessionId of before opens nothing', async () => {
    await old.createSession('ada', sessionId);
    const rotation = await manager.rotateSession(sessionId);
    if (!rotation.rotated) throw new Error(rotation.reason);
    expect(await plainKeys([sessionId])).toEqual([]);
    await old.createSession('ada', sessionId);

    for (const each of [manager, await ours()]) {
      expect(await stateOf(each, rotation.sessionId)).toBe('ada');
      expect(await stateOf(each, sessionId)).toBe('ada');
    }
    await expect.poll(() => plainKeys([sessionId])).toEqual([]);
    expect(await manager.listSessions('ada')).toHaveLength(1);
  });

  it('ends by a log-out that is its first visit', async () => {
    await old.createSession('ada', sessionId);
    await manager.deleteSession(sessionId);

    expect(await plainKeys([sessionId])).toEqual([]);
    expect(await old.findBySessionId(sessionId)).toBeUndefined();
    expect(await stateOf(await ours(), sessionId)).toBe('revoked');
  });

  it.each([
    ['all sessions of its user are ended', () => manager.revokeAllSessions('ada')],
    ['the password changes', () => manager.update('ada', { hashedPassword: 'new' })],
  ])('that nobody has presented yet ends when %s', async (_when, end) => {
    await old.createSession('ada', sessionId);
    await end();
    expect(await stateOf(manager, sessionId)).toBe('revoked');
  });

  it('ends here when an old process logs its user out', async () => {
    await old.logIn('ada', sessionId);
    await old.logOut(sessionId);
    expect(await stateOf(manager, sessionId)).toBe('revoked');

    const seen = generateSessionId();
    await old.logIn('ada', seen);
    expect(await stateOf(manager, seen)).toBe('ada');
    await old.sql.query(`UPDATE "User" SET "sessionId" = NULL WHERE id = 'ada'`);
    await expect.poll(() => stateOf(manager, seen), { timeout: 1_000 }).toBe('revoked');
  });

  it('ends there when its user logs out here', async () => {
    await old.logIn('ada', sessionId);
    await manager.deleteSession(sessionId);
    expect(await stateOf(manager, sessionId)).toBe('revoked');

    await expect.poll(() => old.findBySessionId(sessionId)).toBeUndefined();
    expect(await column('ada')).toBe(`sha256:${digestOf(sessionId)}`);
  });

  it('is nothing to a process whose move is over, or was never asked for', async () => {
    await old.createSession('ada', sessionId);
    for (const until of [null, Date.now() - 1]) {
      expect(await stateOf(await ours(until), sessionId)).toBe('unknown');
    }
    expect(await plainKeys([sessionId])).toEqual([sessionId]);
  });

  it('is asked for once in a while under an id that nobody knows, and never without the move', async () => {
    const heard: string[] = [];
    const monitor = old.redis.duplicate();
    await monitor.connect();
    await monitor.monitor((line) => heard.push(String(line)));
    const asked = (id: string): number => heard.filter((line) => line.includes(id)).length;
    try {
      const [without, last] = [generateSessionId(), generateSessionId()];
      const off = await ours(null);
      for (let n = 0; n < 20; n += 1) await stateOf(manager, sessionId);
      for (let n = 0; n < 20; n += 1) await stateOf(off, without);
      await old.redis.get(last);

      await expect.poll(() => asked(last)).toBe(1);
      expect(asked(sessionId)).toBeLessThanOrEqual(2);
      expect(asked(without)).toBe(0);
    } finally {
      monitor.destroy();
    }
  });

  it('never is a copy of ours: who presents a digest signs in as nobody', async () => {
    const { id } = await manager.create({
      email: 'eve@example.com',
      role: 'USER',
      isVerified: false,
    });
    const own = await manager.createSession(id, { ip: '' }, 60);
    const copy = await old.redis.get(`session:${digestOf(own)}`);

    expect(await stateOf(manager, digestOf(own))).toBe('unknown');
    expect(await old.redis.get(`session:${digestOf(own)}`)).toBe(copy);
    expect(await stateOf(manager, own)).toBe(id);
  });

  it('is unavailable, not unknown, while Redis cannot be asked for it', async () => {
    await old.createSession('ada', sessionId);
    await stateOf(manager, generateSessionId());
    await old.redis.sendCommand(['ACL', 'SETUSER', 'default', '-get', '-mget']);
    try {
      await expect(manager.validateSession(sessionId)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      await expect(manager.deleteSession(sessionId)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
    } finally {
      await old.redis.sendCommand(['ACL', 'SETUSER', 'default', '+get', '+mget']);
    }
    await expect.poll(() => stateOf(manager, sessionId).catch(() => null)).toBe('ada');
  });
});
