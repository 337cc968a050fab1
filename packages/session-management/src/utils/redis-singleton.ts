import { createClient } from '@redis/client';
import { ConfigurationInvalidError, type Logger, type RedisClient } from '../types/index.ts';
import { type Lease, type Opened, Shared } from './shared.ts';

export interface RedisConnectionConfig {
  redisUrl: string;
}

/** One connection, and whether it is up. */
export interface RedisConnection {
  client: RedisClient;
  /** Resolves with whether the connection is ready, after at most this long. */
  ready(withinMs: number): Promise<boolean>;
  /** Who hears of a change between up and down. The latest caller wins. */
  reportTo(logger: Logger): void;
}

/** Longest wait for a connection, and for one reply, in milliseconds. */
const CONNECT = 500;
const REPLY = 250;
/** Between two tries to reconnect: 50 ms, doubling up to this. */
const SLOWEST_RETRY = 1_000;

const connections = new Shared<RedisConnectionConfig, RedisConnection>('redis', open);

/** The Redis connection of this configuration, one per process, for as long as a manager lives. */
export function leaseRedis({ redisUrl }: RedisConnectionConfig): Lease<RedisConnection> {
  return connections.lease({ redisUrl });
}

function open({ redisUrl }: RedisConnectionConfig): Opened<RedisConnection> {
  const client = clientFor(redisUrl);
  let logger: Logger | null = null;
  let up: boolean | null = null;
  const turned = (next: boolean): void => {
    if (up === next) return;
    const healed = up === false && next;
    up = next;
    if (!next) logger?.warn('store.degraded', { store: 'redis' });
    else if (healed) logger?.info('store.healed', { store: 'redis' });
  };

  client.on('error', () => turned(false));
  client.on('ready', () => turned(true));
  const connecting = client.connect().then(
    () => undefined,
    () => undefined,
  );

  return {
    value: {
      client: { sendCommand: (args) => withinReplyTime(client.sendCommand(args)) },
      ready: async (withinMs) => {
        await Promise.race([connecting, delay(withinMs)]);
        return client.isReady;
      },
      reportTo: (next) => {
        logger = next;
      },
    },
    close: async () => client.destroy(),
  };
}

function clientFor(url: string) {
  try {
    return createClient({
      url,
      RESP: 3,
      // Commands given while the link is down fail at once: nothing is queued, nothing is replayed.
      disableOfflineQueue: true,
      pingInterval: 1_000,
      socket: {
        connectTimeout: CONNECT,
        socketTimeout: 2_500,
        reconnectStrategy: (tries: number) =>
          Math.min(50 * 2 ** Math.min(tries, 10), SLOWEST_RETRY),
      },
    });
  } catch (cause) {
    throw new ConfigurationInvalidError(
      'REDIS_URL cannot be read; it takes redis://host:port/database or rediss://',
      { cause },
    );
  }
}

async function withinReplyTime<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no reply within ${REPLY} ms`)), REPLY);
  });
  try {
    return await Promise.race([reply, late]);
  } finally {
    clearTimeout(timer);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
