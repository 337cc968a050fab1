import { readFileSync } from 'node:fs';
import { createClient } from '@redis/client';
import { startStores } from '@repo/local-stores';
import { Redis } from 'ioredis';
import pg from 'pg';

const REDIS_DATABASES = 16;

/**
 * Private stores of this run: PostgreSQL with fsync, Redis without persistence, loopback, no TLS.
 * Each peer gets a database of each, so that none sees another's rows or keys.
 */
export async function openStores() {
  const stores = await startStores({ durable: true });
  const redis = await openRedis(stores.redisUrl);
  let nextRedis = 0;

  return {
    ports: { redis: [stores.redis.port], postgres: [stores.postgres.port] },
    redisPort: stores.redis.port,
    redis,
    ...(await processes(redis, stores.databaseUrl)),
    versions: await versionsOf(redis, stores.databaseUrl),
    newDatabase: () => stores.postgres.createDatabase(),
    newRedis: () => {
      if (nextRedis >= REDIS_DATABASES) throw new Error('a Redis has 16 databases');
      return `${stores.redisUrl}/${nextRedis++}`;
    },
    stop: async () => {
      redis.destroy();
      await stores.stop();
    },
  };
}

/** Runs one work on a connection of its own. */
export async function withPostgres(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The pool that each peer gets: as large as the product's, and open for as long as the run lasts. */
export function openPool(url) {
  const pool = new pg.Pool({ connectionString: url, max: 10, idleTimeoutMillis: 0 });
  // The stores end before the pools when a run fails; what failed is told by then.
  pool.on('error', () => undefined);
  return pool;
}

/** A connection of @redis/client at its defaults, which says nothing when the stores end before it. */
export async function openRedis(url) {
  const client = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A connection of ioredis at its defaults, as silent. */
export function openIoredis(url) {
  const client = new Redis(url);
  client.on('error', () => undefined);
  return client;
}

/** Bytes in use now, by Redis' own count. */
export async function usedMemory(redis) {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1]);
}

async function processes(redis, databaseUrl) {
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))[1]);
  const backend = await withPostgres(databaseUrl, async (client) => {
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    try {
      const text = readFileSync(`/proc/${rows[0].pid}/stat`, 'utf8');
      return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      return null;
    }
  });
  return { redisPid, postgresPid: backend };
}

async function versionsOf(redis, databaseUrl) {
  const [, redisVersion] = /redis_version:(\S+)/.exec(await redis.info('server'));
  const postgres = await withPostgres(databaseUrl, async (client) => {
    const { rows } = await client.query('SHOW server_version');
    return rows[0].server_version.split(' ')[0];
  });
  return { Redis: redisVersion, PostgreSQL: postgres };
}
