import { createCluster } from '@redis/client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ClusterStores, startCluster } from '../src/index.ts';
import { ask } from '../src/redis-command.ts';

const PATIENCE = { timeout: 15_000, interval: 50 };

let cluster: ClusterStores;
let redis: Awaited<ReturnType<typeof client>>;

beforeAll(async () => {
  cluster = await startCluster();
  redis = await client();
});

afterAll(async () => {
  redis.destroy();
  cluster.nodes[0]?.pause();
  await cluster.close();
  await cluster.close();
});

function client() {
  const made = createCluster({
    rootNodes: cluster.nodes.slice(0, 3).map(({ url }) => ({ url })),
    commandOptions: { timeout: 1_000 },
  });
  made.on('error', () => undefined);
  return made.connect();
}

it('serves the keys of all slots', async () => {
  expect(cluster.url).toMatch(/^redis\+cluster:\/\/127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}$/);
  const keys = Array.from({ length: 300 }, (_, index) => `key-${index}`);
  await Promise.all(keys.map((key) => redis.set(key, key)));
  expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys);

  const owners = new Set<number>();
  for (const key of keys.slice(0, 6)) owners.add(await cluster.masterOf(key));
  expect(owners.size).toBe(3);
});

it('moves a slot while clients use it', async () => {
  await redis.set('key-1', 'here');
  const from = await cluster.masterOf('key-1');
  const to = await cluster.moveSlot('key-1', async () => {
    await expect(ask(from, 'GET', 'key-1')).rejects.toThrow(/^ASK/);
    expect(await redis.get('key-1')).toBe('here');
  });
  expect(to).not.toBe(from);
  expect(await cluster.masterOf('key-1')).toBe(to);
  await expect(ask(from, 'GET', 'key-1')).rejects.toThrow(/^MOVED/);
  expect(await redis.get('key-1')).toBe('here');
});

it('survives the end of a master, which comes back as a replica', async () => {
  await redis.set('key-2', 'kept');
  const lost = await cluster.masterOf('key-2');
  // What an asynchronous replica has not got yet would be lost with its master.
  const replicated = () => ask(lost, 'INFO', 'replication').then(offsets);
  await vi.waitFor(async () => expect(new Set(await replicated()).size).toBe(1), PATIENCE);

  await cluster.node(lost).kill();
  await expect(cluster.masterOf('key-2')).rejects.toThrow(/no master serves/);
  const next = await cluster.masterOtherThan(lost, 'key-2');
  expect(next).not.toBe(lost);
  await vi.waitFor(async () => expect(await redis.get('key-2')).toBe('kept'), PATIENCE);

  await cluster.node(lost).start();
  await vi.waitFor(async () => expect(String(await ask(lost, 'ROLE'))).toMatch(/^slave/), PATIENCE);
});

/** How far the master is and how far its replica. */
function offsets(info: unknown): (string | undefined)[] {
  const text = String(info);
  return [/master_repl_offset:(\d+)/.exec(text)?.[1], /slave0:.*offset=(\d+)/.exec(text)?.[1]];
}
