import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { freshRedisUrl } from '@repo/local-stores/vitest';
import { afterAll, beforeAll } from 'vitest';
import { RedisSessionAdapter } from '../../src/adapters/redis-session-adapter.ts';
import { RedisUserAdapter } from '../../src/adapters/redis-user-adapter.ts';
import { wallClock } from '../../src/utils/clock.ts';
import { OURS } from '../names.ts';

/** Redis expires a key when its clock is past the instant, and a timer may be early by one. */
const MARGIN = 3;

const connect = async (url: string) => createClient({ url }).connect();
export type Client = Awaited<ReturnType<typeof connect>>;

/**
 * One client for a test file, the bare one of a team that has nothing else; each `open` empties
 * the database.
 *
 * @param urlOf - The shared Redis unless told. Tests that change a whole server bring their own.
 */
export function redisStage(urlOf: () => Promise<string> = freshRedisUrl) {
  let client: Client;
  beforeAll(async () => {
    client = await connect(await urlOf());
  });
  afterAll(() => client.close());

  return async () => {
    await client.flushDb();
    return {
      client,
      sessions: new RedisSessionAdapter(client, OURS),
      users: new RedisUserAdapter(client, OURS, wallClock),
      now: wallClock.now,
      elapse: (ms: number) => sleep(ms + MARGIN),
      close: async () => undefined,
    };
  };
}
