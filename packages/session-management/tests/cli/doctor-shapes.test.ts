import { createClient } from '@redis/client';
import {
  type ClusterStores,
  type SentinelStores,
  startCluster,
  startSentinel,
} from '@repo/local-stores';
import { afterEach, describe, expect, it } from 'vitest';
import { doctor } from './command.ts';

let stores: ClusterStores | SentinelStores | undefined;

afterEach(() => stores?.close());

const checksOf = (checks: { name: string; status: string }[]) =>
  checks.filter(({ name }) => name.startsWith('redis') || name === 'clocks');

describe('session-management doctor, of a Redis with several nodes', () => {
  it('asks every master of a cluster, and names the one that is wrong', {
    timeout: 60_000,
  }, async () => {
    const cluster = await startCluster({ log: () => undefined });
    stores = cluster;
    const healthy = await doctor({ REDIS_URL: cluster.url });
    expect(checksOf(healthy.checks).map(({ status }) => status)).toEqual(Array(7).fill('ok'));
    expect(healthy.checks.at(-1)?.found.match(/Redis 127/g)).toHaveLength(3);

    const port = Number(
      /Redis 127\.0\.0\.1:(\d+), this/.exec(healthy.checks.at(-1)?.found ?? '')?.[1],
    );
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    await client.connect();
    await client.configSet('maxmemory-policy', 'allkeys-lru');
    await client.close();
    const { checks } = await doctor({ REDIS_URL: cluster.url });
    expect(checks.find(({ name }) => name === 'redis eviction')).toMatchObject({
      status: 'warn',
      found: expect.stringMatching(
        new RegExp(`^Redis 127\\.0\\.0\\.1:${port}: maxmemory-policy is`),
      ),
    });
  });

  it('asks the master that the sentinels name', { timeout: 60_000 }, async () => {
    stores = await startSentinel({ log: () => undefined });
    const { checks } = await doctor({ REDIS_URL: stores.url });
    expect(checksOf(checks).map(({ status }) => status)).toEqual(Array(7).fill('ok'));
  });
});
