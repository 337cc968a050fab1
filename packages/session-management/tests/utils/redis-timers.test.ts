import { createHook } from 'node:async_hooks';
import { freshRedisUrl } from '@repo/local-stores/vitest';
import { expect, it } from 'vitest';
import { leaseRedis } from '../../src/utils/redis-singleton.ts';

it('leaves no timer behind a command to Redis', async () => {
  const redis = leaseRedis({ redisUrl: await freshRedisUrl() });
  await redis.value.ready(5_000);
  let timers = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout') timers += 1;
    },
  });
  hook.enable();
  try {
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => redis.value.client.sendCommand(['GET', `key-${n}`])),
    );
  } finally {
    hook.disable();
    await redis.release();
  }
  // Sockets have some of their own.
  expect(timers).toBeLessThan(100);
});
