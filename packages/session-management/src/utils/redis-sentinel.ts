import { createClient } from '@redis/client';
import type { RedisAddress, RedisNode } from './redis-address.ts';
import { CONNECT, type LinkOptions } from './redis-link.ts';

type SentinelAddress = Extract<RedisAddress, { shape: 'sentinel' }>;

/** Asks the sentinels, in turn, where the master is. @throws when none of them can say. */
export async function askSentinels(address: SentinelAddress): Promise<RedisNode> {
  for (const node of address.nodes) {
    const master = await askOne(node, address);
    if (master !== null) return master;
  }
  throw new Error('no sentinel names the master');
}

/** How to connect to the node that the sentinels named. */
export function masterOptions({ access, database }: SentinelAddress, node: RedisNode): LinkOptions {
  return {
    ...(access.username === undefined ? {} : { username: access.username }),
    ...(access.password === undefined ? {} : { password: access.password }),
    database,
    socket: access.tls ? { ...node, tls: true } : node,
  };
}

async function askOne(node: RedisNode, address: SentinelAddress): Promise<RedisNode | null> {
  const tls = address.access.tls ? { tls: true as const } : {};
  const client = createClient({
    disableOfflineQueue: true,
    socket: {
      ...node,
      ...tls,
      connectTimeout: CONNECT,
      socketTimeout: CONNECT,
      reconnectStrategy: false,
    },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const reply = await client.sendCommand(['SENTINEL', 'get-master-addr-by-name', address.master]);
    if (!Array.isArray(reply)) return null;
    return { host: String(reply[0]), port: Number(reply[1]) };
  } catch {
    // The next sentinel may know.
    return null;
  } finally {
    if (client.isOpen) client.destroy();
  }
}
