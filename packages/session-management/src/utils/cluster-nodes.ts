import { createClient } from '@redis/client';
import { CONNECT, type LinkOptions } from './redis-link.ts';

/** Who owns what. */
export const SLOTS = ['CLUSTER', 'SLOTS'] as const;

/** Longest wait for an answer, in milliseconds. */
const WITHIN = 500;

/** What a node says that we have no link to; `null` when it does not in time. */
export async function askNode(options: LinkOptions): Promise<unknown> {
  const client = createClient({
    ...options,
    disableOfflineQueue: true,
    socket: {
      ...options.socket,
      connectTimeout: CONNECT,
      socketTimeout: WITHIN,
      reconnectStrategy: false,
    },
  } as LinkOptions);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await inTime(client.sendCommand([...SLOTS]));
  } catch {
    // The next node may answer.
    return null;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/** `null` for an answer that fails or is late. */
export async function inTime(answer: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, WITHIN, null);
  });
  try {
    return await Promise.race([answer.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
