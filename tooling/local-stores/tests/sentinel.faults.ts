import { createSentinel } from '@redis/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type SentinelStores, startSentinel } from '../src/index.ts';
import { ask } from '../src/redis-command.ts';

let stores: SentinelStores;

beforeEach(async () => {
  stores = await startSentinel();
});

afterEach(() => stores.close());

const until = (check: () => Promise<void>) => vi.waitFor(check, { interval: 20, timeout: 30_000 });

function client() {
  const made = createSentinel({
    name: stores.masterName,
    sentinelRootNodes: stores.sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
    commandOptions: { timeout: 1_000 },
    scanInterval: 200,
  });
  made.on('error', () => undefined);
  return made.connect();
}

it('promotes a replica of a killed master, and a client of the sentinels finds it', async () => {
  const ports = stores.sentinels.map(({ port }) => `127.0.0.1:${port}`);
  expect(stores.url).toBe(`redis+sentinel://${ports.join(',')}/mymaster`);

  const redis = await client();
  await redis.set('a', '1');
  await until(async () => {
    for (const { port } of stores.nodes) expect(await ask(port, 'GET', 'a')).toBe('1');
  });

  const old = await stores.killMaster();
  expect(await stores.masterOtherThan(old)).not.toBe(old);
  await until(async () => {
    await redis.set('b', '2');
  });
  // A vote that comes too late is held again, and may end with the other replica.
  await until(async () => {
    expect(await ask(await stores.master(), 'MGET', 'a', 'b')).toEqual(['1', '2']);
  });

  // The old master comes back; when the sentinels make a replica of it is theirs to say.
  await stores.node(old).start();
  expect(String(await ask(old, 'PING'))).toBe('PONG');
  await redis.destroy();
}, 60_000);

it('loses a write that no replica got, when it fails over; closes twice, in any state', async () => {
  const master = await stores.master();
  await ask(master, 'SET', 'a', 'kept');
  await until(async () => {
    for (const { port } of stores.nodes) expect(await ask(port, 'GET', 'a')).toBe('kept');
  });
  const replicas = stores.nodes.filter(({ port }) => port !== master);
  await Promise.all(replicas.map(({ port }) => stores.stopReplication(port)));
  await ask(master, 'DEL', 'a');

  const next = await stores.failover();
  expect(next).not.toBe(master);
  expect(await ask(next, 'GET', 'a')).toBe('kept');

  const [first, second] = stores.sentinels;
  await first?.kill();
  second?.pause();
  stores.node(next).pause();
  await stores.close();
  await stores.close();
  await expect(stores.master()).rejects.toThrow(/do not agree/);
});
