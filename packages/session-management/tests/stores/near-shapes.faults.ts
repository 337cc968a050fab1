import {
  type ClusterStores,
  type SentinelStores,
  startCluster,
  startSentinel,
} from '@repo/local-stores';
import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import type { UserManager } from '../../src/types/index.ts';
import { sessionKey } from '../names.ts';
import { namesOn } from '../postgres/database.ts';
import { atOnce, logIn, nearlyKept, newUser, statusOf, staysEnded, until } from './near-stage.ts';
import { planOf, quiet } from './support.ts';

let databaseUrl: string;
let sentinel: SentinelStores;
let cluster: ClusterStores;
const managers: UserManager[] = [];

beforeAll(async () => {
  [sentinel, cluster] = await Promise.all([startSentinel(), startCluster()]);
  databaseUrl = await freshDatabaseUrl();
  await applyMigrations({ databaseUrl });
}, 60_000);

afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.close()));
});

afterAll(() => Promise.all([sentinel?.close(), cluster?.close()]));

/** Two processes as far as the stores can tell: the same store by two spellings of its URL. */
async function processes(url: string): Promise<[near: UserManager, other: UserManager]> {
  const spelledElse = url.replace(/(127\.0\.0\.1:\d+),(127\.0\.0\.1:\d+)/, '$2,$1');
  const [near, other] = await Promise.all([open(url), open(spelledElse)]);
  return [near, other];
}

async function open(redisUrl: string, entries = 1_000): Promise<UserManager> {
  const logger = { ...quiet, error: () => undefined };
  const plan = { ...planOf(databaseUrl, redisUrl), nearSize: { entries, bytes: 2 ** 24 } };
  const { manager } = await buildOnStores(plan, logger);
  managers.push(manager);
  return manager;
}

async function logInOften(manager: UserManager, count: number): Promise<string[]> {
  const userId = await newUser(manager);
  return Promise.all(Array.from({ length: count }, () => logIn(manager, userId)));
}

async function allKept(manager: UserManager, ids: readonly string[]): Promise<void> {
  for (const id of ids) await nearlyKept(manager, id);
}

async function allRefused(manager: UserManager, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await until(async () => expect(await statusOf(manager, id)).toBe('none'));
    expect(await staysEnded(manager, id)).toBe(true);
  }
}

describe('near copies across a failover of Sentinel', () => {
  it.each([
    ['is asked for', () => sentinel.failover()],
    ['follows the death of the master', () => lostMaster()],
  ])('that %s hear of what ends during and after it', async (_what, failover) => {
    const [near, other] = await processes(sentinel.url);
    const ids = await logInOften(other, 20);
    await allKept(near, ids);

    const failing = failover();
    await Promise.all(ids.slice(0, 5).map((id) => other.deleteSession(id)));
    await failing;
    await Promise.all(ids.slice(5, 10).map((id) => other.deleteSession(id)));
    await allRefused(near, ids.slice(0, 10));

    await allKept(near, ids.slice(10));
    await Promise.all(ids.slice(10, 15).map((id) => other.deleteSession(id)));
    await allRefused(near, ids.slice(10, 15));
    await allKept(near, ids.slice(15));
  });

  async function lostMaster(): Promise<void> {
    const old = await sentinel.killMaster();
    await sentinel.masterOtherThan(old);
    await sentinel.node(old).start();
  }
});

describe('near copies across the move of a slot of a Cluster', () => {
  it('hear of what ends before, between and after the move of its keys', async () => {
    const [near, other] = await processes(cluster.url);
    for (const when of ['before', 'between', 'after']) {
      const [id = '', bystander = ''] = await logInOften(other, 2);
      await allKept(near, [id, bystander]);
      const end = (now: string) => (now === when ? other.deleteSession(id) : undefined);
      await end('before');
      await cluster.moveSlot(keyOf(id), async () => {
        await end('between');
        await statusOf(near, id);
      });
      await end('after');
      await allRefused(near, [id]);
      await allKept(near, [bystander]);
    }
  });

  it('are not made of what another node answers while the slot is on its way, and again once it is there', async () => {
    const [near] = await processes(cluster.url);
    const other = await open(cluster.url.replace('127.0.0.1', 'localhost'), 0);
    const id = await logInBeside(other);
    await nearlyKept(near, id);
    await cluster.moveSlot(keyOf(id), async () => {
      await until(async () => expect(await atOnce(near, id)).toBeNull());
      for (let round = 0; round < 20; round += 1) {
        expect(await statusOf(near, id)).toBe('active');
        expect(await atOnce(near, id)).toBeNull();
      }
    });
    await nearlyKept(near, id);
    await other.deleteSession(id);
    await allRefused(near, [id]);
  });

  it('hear of what ends after the death of the master that held its key', async () => {
    const [near, other] = await processes(cluster.url);
    const ids = await logInOften(other, 12);
    await allKept(near, ids);
    const [first = ''] = ids;
    const old = await cluster.masterOf(keyOf(first));
    await cluster.node(old).kill();
    await Promise.all(ids.slice(0, 6).map((id) => other.deleteSession(id)));
    await cluster.masterOtherThan(old, keyOf(first));
    await allRefused(near, ids.slice(0, 6));
    await allKept(near, ids.slice(6));
    await Promise.all(ids.slice(6).map((id) => other.deleteSession(id)));
    await allRefused(near, ids.slice(6));
    await cluster.node(old).start();
  });
});

const keyOf = (sessionId: string): string => sessionKey(digestOf(sessionId));

/** A session whose key and whose user's key one master owns: of three masters, one in three. */
async function logInBeside(manager: UserManager): Promise<string> {
  const userId = await newUser(manager);
  const ids = await Promise.all(Array.from({ length: 40 }, () => logIn(manager, userId)));
  await cluster.whole();
  const { user } = await namesOn(databaseUrl);
  const master = await cluster.masterOf(user(userId));
  for (const id of ids) {
    if ((await cluster.masterOf(keyOf(id))) === master) return id;
  }
  throw new Error('one master owns none of forty keys');
}
