import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PostgresSessionAdapter } from '../../src/adapters/postgres-session-adapter.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import type { UserManager } from '../../src/types/index.ts';
import { runnerOn } from '../postgres/database.ts';
import { believed, METADATA, openStores, type Stores, WEEK } from './support.ts';

const SOON = { timeout: 10_000, interval: 20 };

let stores: Stores;
let managers: UserManager[];

beforeAll(async () => {
  stores = await openStores();
  managers = await Promise.all([stores.manager(), stores.manager(), stores.manager()]);
  await Promise.all(managers.map(believed));
});

afterAll(() => stores.close());

/** A session that every process has answered. */
async function signedIn(): Promise<{ userId: string; sessionId: string }> {
  const [one] = managers;
  if (one === undefined) throw new Error('there are three');
  const userId = await stores.user(one);
  const sessionId = await one.createSession(userId, METADATA, WEEK);
  expect(await statuses(sessionId)).toEqual(['active', 'active', 'active']);
  return { userId, sessionId };
}

const statuses = (sessionId: string) =>
  Promise.all(managers.map(async (one) => (await one.validateSession(sessionId)).status));
const GONE = ['none', 'none', 'none'];

const isEmpty = () =>
  vi.waitFor(async () => {
    const { rows } = await stores.sql.query('SELECT FROM sessions."Outbox"');
    expect(rows).toHaveLength(0);
  }, SOON);

const masters = async () => {
  const { rows } = await stores.sql.query('SELECT "since" FROM sessions."Masters"');
  return Object.keys(rows[0]?.since ?? {});
};

describe('of three processes', () => {
  it('each hears of what is typed into psql, and the outbox is empty again', async () => {
    const [role, session] = [await signedIn(), await signedIn()];
    await stores.sql.query(`UPDATE "User" SET role = 'ADMIN' WHERE id = $1`, [role.userId]);
    await stores.sql.query(
      `UPDATE sessions."Session" SET "revokedAt" = now() WHERE digest = sessions.digest($1)`,
      [session.sessionId],
    );
    await vi.waitFor(async () => {
      expect(await statuses(session.sessionId)).toEqual(GONE);
      for (const one of managers) {
        expect((await one.findBySessionId(role.sessionId))?.role).toBe('ADMIN');
      }
    }, SOON);
    await isEmpty();
  });

  it('each hears of an end whose owner died before it was carried', async () => {
    const { sessionId } = await signedIn();
    const digest = digestOf(sessionId);
    expect(await stores.redis.get(`session:${digest}`)).toContain('"user_id"');
    // All that a process does before it is killed: PostgreSQL has it, Redis has not.
    await new PostgresSessionAdapter(runnerOn(stores.sql)).endByDigest(digest, 'signed-out');
    await vi.waitFor(async () => expect(await statuses(sessionId)).toEqual(GONE), SOON);
    expect(await stores.redis.get(`session:${digest}`)).toContain('"tombstone"');
    await isEmpty();
  });

  it('each has carried its own changes: nothing is left of them', async () => {
    const opened = await Promise.all(Array.from({ length: 10 }, () => signedIn()));
    await Promise.all(
      opened.map(async ({ sessionId }, n) =>
        managers[n % managers.length]?.deleteSession(sessionId),
      ),
    );
    await isEmpty();
    for (const { sessionId } of opened) expect(await statuses(sessionId)).toEqual(GONE);
  });

  it('all name the one that carries, and the record names the one master of Redis', async () => {
    await vi.waitFor(async () => {
      const reports = await Promise.all(managers.map((one) => one.health()));
      expect(new Set(reports.map(({ propagation }) => propagation.carrier)).size).toBe(1);
      expect(reports.map(({ propagation }) => propagation.trusted)).toEqual([true, true, true]);
    }, SOON);
    const [name] = await masters();
    const info = await stores.redis.info();
    const idOf = (field: string) => new RegExp(`^${field}:(\\w+)`, 'm').exec(info)?.[1];
    expect(name).toBe(`${idOf('run_id')}:${idOf('master_replid')}`);
    expect(await masters()).toHaveLength(1);
  });

  it('another carries when the one that did is closed, and a process that comes then believes at once', async () => {
    const carrierOf = async () =>
      (await stores.sql.query('SELECT * FROM sessions."Lease"')).rows[0];
    const before = await carrierOf();
    const [name] = await masters();
    const since = await stores.sql.query('SELECT "since" FROM sessions."Masters"');
    // Whichever of the three it is: they are closed and opened anew until it was.
    for (let n = 0; n < 3 && (await carrierOf()).owner === before.owner; n += 1) {
      await managers.shift()?.close();
      await vi.waitFor(async () => {
        const { owner, until } = await carrierOf();
        expect(until.getTime()).toBeGreaterThan(Date.now());
        expect(owner).not.toBe('');
      }, SOON);
      managers.push(await stores.manager());
      expect((await managers.at(-1)?.health())?.propagation.trusted).toBe(true);
    }
    expect((await carrierOf()).owner).not.toBe(before.owner);
    // Nobody was doubted for it.
    expect(await masters()).toEqual([name]);
    expect((await stores.sql.query('SELECT "since" FROM sessions."Masters"')).rows).toEqual(
      since.rows,
    );
    const { sessionId, userId } = await signedIn();
    await stores.sql.query('DELETE FROM "User" WHERE id = $1', [userId]);
    await vi.waitFor(async () => expect(await statuses(sessionId)).toEqual(GONE), SOON);
  });
});
