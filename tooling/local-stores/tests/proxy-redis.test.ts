import { createClient } from '@redis/client';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { startProxy, type TcpProxy } from '../src/index.ts';

let proxy: TcpProxy;

afterEach(() => proxy.close());

const client = async (commandTimeout: number) => {
  const made = createClient({
    url: proxy.url(inject('redisUrl')),
    socket: { reconnectStrategy: 5 },
    commandOptions: { timeout: commandTimeout },
  });
  made.on('error', () => undefined);
  await made.connect();
  return made;
};

beforeEach(async () => {
  proxy = await startProxy({ target: { port: Number(new URL(inject('redisUrl')).port) } });
});

it('lets a client come back after a cut, with the same URL', async () => {
  const redis = await client(2_000);
  const down = new Promise((resolve) => redis.once('reconnecting', resolve));
  proxy.cut();
  await down;
  await proxy.heal();
  expect(await redis.ping()).toBe('PONG');
  redis.destroy();
});

it('serves replies byte by byte', async () => {
  proxy.slice(1);
  const redis = await client(5_000);
  expect(await redis.echo('ä'.repeat(200))).toBe('ä'.repeat(200));
  redis.destroy();
});

it('loses the answer to a write that Redis carried out', async () => {
  const key = `proxy-test:${process.pid}`;
  const redis = await client(2_000);
  proxy.cutAfterRequestContaining(key);
  await expect(redis.set(key, '1', { EX: 60 })).rejects.toThrow();
  expect(proxy.stats().lostAnswers).toBe(1);
  expect(await redis.get(key)).toBe('1');
  await redis.del(key);
  redis.destroy();
});
