import { createClient } from '@redis/client';
import { type RedisClient, SessionStoreUnavailableError } from '../types/index.ts';
import { parseRedisAddress } from './redis-address.ts';
import type { LinkOptions } from './redis-link.ts';
import { askSentinels, masterOptions } from './redis-sentinel.ts';

/** Longest wait for a connection or a reply, in milliseconds. */
const PATIENCE = 5_000;

/** One connection to one node, for a few questions of an operator. */
export interface RedisNodeConnection {
  client: RedisClient;
  close(): void;
}

/**
 * Connects to the node that the URL names, whatever its role; of sentinels, to their master.
 * Tries once. @throws {SessionStoreUnavailableError}
 */
export async function openRedisNode(redisUrl: string): Promise<RedisNodeConnection> {
  try {
    return await connect(await optionsOf(redisUrl));
  } catch (cause) {
    throw new SessionStoreUnavailableError('redis', 'connect', cause);
  }
}

async function connect({ socket, ...options }: LinkOptions): Promise<RedisNodeConnection> {
  const client = createClient({
    RESP: 2,
    disableOfflineQueue: true,
    ...options,
    socket: {
      ...socket,
      connectTimeout: PATIENCE,
      socketTimeout: PATIENCE,
      reconnectStrategy: false,
    },
  } as LinkOptions);
  // The command that is under way reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    if (client.isOpen) client.destroy();
    throw error;
  }
  return { client, close: () => client.destroy() };
}

async function optionsOf(redisUrl: string): Promise<LinkOptions> {
  const address = parseRedisAddress(redisUrl);
  if (address.shape !== 'sentinel') return { url: redisUrl };
  return masterOptions(address, await askSentinels(address));
}
