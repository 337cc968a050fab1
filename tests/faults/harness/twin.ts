import { startRedis } from '@repo/local-stores';
import type { Stage } from './stage.ts';
import { redisCommand, waitFor } from './stores.ts';

export interface Twin {
  port: number;
  url: string;
}

/** A second Redis with all that the first holds, a master of its own. It goes with the stage. */
export async function twinOf(stage: Stage): Promise<Twin> {
  const twin = await startRedis();
  stage.alsoClose(() => twin.close());
  await redisCommand(twin.url, ['REPLICAOF', '127.0.0.1', String(stage.redis.port)]);
  await waitFor(async () => {
    const info = await redisCommand(twin.url, ['INFO', 'replication']);
    return String(info).includes('master_link_status:up');
  });
  await redisCommand(twin.url, ['REPLICAOF', 'NO', 'ONE']);
  return twin;
}
