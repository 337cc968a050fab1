import {
  type ClusterStores,
  type PostgresStore,
  type SentinelStores,
  startCluster,
  startPostgres,
  startSentinel,
} from '@repo/local-stores';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildOnStores } from '../../src/factories/build-manager.ts';
import { applyMigrations } from '../../src/migrations/apply-migrations.ts';
import { digestOf } from '../../src/policy/session-id.ts';
import type { UserManager } from '../../src/types/index.ts';
import { sessionKey } from '../names.ts';
import { METADATA, planOf, quiet, WEEK } from './support.ts';

const HEALED = { timeout: 10_000, interval: 50 };

let postgres: PostgresStore;
let databaseUrl: string;
let sentinel: SentinelStores;
let cluster: ClusterStores;

beforeAll(async () => {
  [postgres, sentinel, cluster] = await Promise.all([
    startPostgres(),
    startSentinel(),
    startCluster(),
  ]);
  databaseUrl = await postgres.createDatabase();
  await applyMigrations({ databaseUrl });
}, 60_000);

afterAll(() => Promise.all([sentinel?.close(), cluster?.close(), postgres?.close()]));

async function open(redisUrl: string): Promise<UserManager> {
  const plan = { ...planOf(databaseUrl, redisUrl), timing: { F: 2_000, G: 300_000, D: 8_000 } };
  return (await buildOnStores(plan, quiet)).manager;
}

/** The same store under another name: a connection of its own, as another process has. */
function spelledElse(url: string): string {
  return url.replace(/(127\.0\.0\.1:\d+),(127\.0\.0\.1:\d+)/, '$2,$1');
}

const newUser = async (manager: UserManager) =>
  (await manager.create({ email: `${Math.random()}@example.com`, role: 'USER', isVerified: true }))
    .id;
const statusOf = async (manager: UserManager, id: string) =>
  (await manager.validateSession(id)).status;

describe.each(['sentinel', 'cluster'])('Redis as %s', (shape) => {
  const url = () => (shape === 'sentinel' ? sentinel.url : cluster.url);

  it('serves fifty users, ends one, others and all, and shows it to another process', async () => {
    const [here, there] = await Promise.all([open(url()), open(url())]);
    const users = await Promise.all(Array.from({ length: 50 }, () => newUser(here)));
    const ids = await Promise.all(users.map((id) => here.createSession(id, METADATA, WEEK)));
    expect(new Set(await Promise.all(ids.map((id) => statusOf(there, id))))).toEqual(
      new Set(['active']),
    );
    await Promise.all(ids.slice(0, 20).map((id) => here.deleteSession(id)));
    await Promise.all(users.slice(20, 40).map((id) => here.revokeAllSessions(id)));
    await Promise.all(ids.slice(40).map((id) => here.extendSession(id, WEEK * 2)));
    const states = await Promise.all(ids.map((id) => statusOf(there, id)));
    expect(states.map((state) => state === 'active')).toEqual(ids.map((_, index) => index >= 40));
    const { stores } = await here.health();
    expect(stores.copies.reachable).toBe(true);
    await Promise.all([here.close(), there.close()]);
  });

  it('tells a process of what ends elsewhere among the sessions that it holds near', async () => {
    const [here, there] = await Promise.all([open(url()), open(spelledElse(url()))]);
    const users = await Promise.all(Array.from({ length: 30 }, () => newUser(there)));
    const ids = await Promise.all(users.map((id) => there.createSession(id, METADATA, WEEK)));
    await vi.waitFor(async () => {
      const { hits } = (await here.health()).nearCopies;
      for (const id of ids) expect(await statusOf(here, id)).toBe('active');
      expect((await here.health()).nearCopies.hits).toBe(hits + ids.length);
    }, HEALED);
    await Promise.all(ids.slice(0, 10).map((id) => there.deleteSession(id)));
    await Promise.all(users.slice(10, 20).map((id) => there.revokeAllSessions(id)));
    await vi.waitFor(async () => {
      for (const id of ids.slice(0, 20)) expect(await statusOf(here, id)).toBe('none');
    }, HEALED);
    for (const id of ids.slice(20)) expect(await statusOf(here, id)).toBe('active');
    await Promise.all([here.close(), there.close()]);
  });

  it('answers by its copies while PostgreSQL is down', async () => {
    const manager = await open(url());
    const userId = await newUser(manager);
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => manager.createSession(userId, METADATA, WEEK)),
    );
    await vi.waitFor(async () => {
      expect((await manager.health()).propagation.trusted).toBe(true);
    }, HEALED);
    await postgres.kill();
    const states = await Promise.all(ids.map((id) => statusOf(manager, id)));
    expect(new Set(states)).toEqual(new Set(['active']));
    await postgres.start();
    await vi.waitFor(() => manager.deleteSession(ids[0] ?? ''), HEALED);
    await manager.close();
  });
});

describe('a Sentinel failover that loses the last write', () => {
  it('brings back nothing: what was revoked is refused by the new master too', async () => {
    const manager = await open(sentinel.url);
    const userId = await newUser(manager);
    const [kept, revoked] = await Promise.all([
      manager.createSession(userId, METADATA, WEEK),
      manager.createSession(userId, METADATA, WEEK),
    ]);
    await vi.waitFor(() => replicated(), HEALED);

    const old = await sentinel.master();
    const replicas = sentinel.nodes.filter(({ port }) => port !== old);
    await Promise.all(replicas.map(({ port }) => sentinel.stopReplication(port)));
    await manager.deleteSession(revoked);
    await sentinel.killMaster();
    await sentinel.masterOtherThan(old);

    const fresh = await open(sentinel.url);
    await vi.waitFor(async () => {
      expect((await fresh.health()).stores.copies.reachable).toBe(true);
      expect((await manager.health()).stores.copies.reachable).toBe(true);
    }, HEALED);
    for (const process of [manager, fresh]) {
      expect(await statusOf(process, revoked)).toBe('none');
      expect(await statusOf(process, kept)).toBe('active');
    }
    await Promise.all([manager.close(), fresh.close()]);
    await sentinel.node(old).start();
  }, 60_000);

  async function replicated(): Promise<void> {
    const { createClient } = await import('@redis/client');
    const port = await sentinel.master();
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    await client.connect();
    const acknowledged = await client.wait(2, 500);
    await client.close();
    expect(acknowledged).toBe(2);
  }
});

describe('a cluster that ends our connections again and again', () => {
  it('is reached each time by a new one, and nothing is kept of the old', async () => {
    const warnings: string[] = [];
    const warned = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warned);
    const manager = await open(cluster.url);
    const sessionId = await manager.createSession(await newUser(manager), METADATA, WEEK);
    for (let time = 0; time < 12; time += 1) {
      await Promise.all(cluster.nodes.map(({ port }) => endConnections(port)));
      await vi.waitFor(async () => {
        const { propagation, stores } = await manager.health();
        expect([stores.copies.reachable, propagation.trusted]).toEqual([true, true]);
      }, HEALED);
    }
    expect(await statusOf(manager, sessionId)).toBe('active');
    await manager.close();
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  }, 60_000);

  async function endConnections(port: number): Promise<void> {
    const { createClient } = await import('@redis/client');
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    await client.connect();
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    await client.close();
  }
});

describe('a cluster whose master dies', () => {
  it('starts, serves the keys of the others and closes while one master is frozen, which is used again when it goes on', async () => {
    const warm = await open(cluster.url);
    const userId = await newUser(warm);
    const ids = await Promise.all(
      Array.from({ length: 12 }, () => warm.createSession(userId, METADATA, WEEK)),
    );
    const victim = cluster.node(await cluster.masterOf(sessionKey(digestOf(ids[0] ?? ''))));
    victim.pause();
    const fresh = await open(cluster.url);
    for (const id of ids) expect(await statusOf(fresh, id)).toBe('active');
    await fresh.close();
    victim.resume();

    await vi.waitFor(async () => {
      expect((await warm.health()).propagation).toMatchObject({ trusted: true, waiting: 0 });
    }, HEALED);
    for (const id of ids) expect(await statusOf(warm, id)).toBe('active');
    await warm.close();
  }, 60_000);

  it('keeps everybody signed in, ends what is ended, and is used again when a replica took over', async () => {
    const manager = await open(cluster.url);
    const userId = await newUser(manager);
    const ids = await Promise.all(
      Array.from({ length: 30 }, () => manager.createSession(userId, METADATA, WEEK)),
    );
    const [victim] = cluster.nodes;
    await victim?.kill();
    expect(new Set(await Promise.all(ids.map((id) => statusOf(manager, id))))).toEqual(
      new Set(['active']),
    );
    await Promise.all(ids.slice(0, 15).map((id) => manager.deleteSession(id)));
    await cluster.whole();
    const fresh = await open(cluster.url);
    await vi.waitFor(async () => {
      expect((await manager.health()).propagation.waiting).toBe(0);
    }, HEALED);
    for (const process of [manager, fresh]) {
      const states = await Promise.all(ids.map((id) => statusOf(process, id)));
      expect(states.filter((state) => state === 'active')).toHaveLength(15);
    }
    await Promise.all([manager.close(), fresh.close()]);
  }, 60_000);
});
