import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stores, startPostgres, startRedis, startStores } from '../src/index.ts';

const PATIENCE_MS = 1_000;

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS });
  // A killed server breaks the connection; the query's own rejection tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function redis(url: string, ...command: string[]): Promise<unknown> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  const answer = client.connect().then(() => client.sendCommand(command));
  try {
    return await Promise.race([answer, silence(PATIENCE_MS)]);
  } finally {
    client.destroy();
  }
}

async function silence(ms: number): Promise<never> {
  await delay(ms);
  throw new Error('no answer');
}

describe('private stores', () => {
  let stores: Stores;

  beforeAll(async () => {
    stores = await startStores();
  });

  afterAll(() => stores.stop());

  it('answer on loopback', async () => {
    const [row] = await query(stores.databaseUrl, "SELECT upper('ä') AS upper");
    expect(row).toEqual({ upper: 'Ä' });
    expect(await redis(stores.redisUrl, 'PING')).toBe('PONG');
    expect(new URL(stores.databaseUrl).hostname).toBe('127.0.0.1');
    expect(new URL(stores.redisUrl).hostname).toBe('127.0.0.1');
  });

  it('make empty databases that do not see each other', async () => {
    const [one, other] = await Promise.all([
      stores.postgres.createDatabase(),
      stores.postgres.createDatabase(),
    ]);
    await query(one, 'CREATE TABLE mine (id int)');
    await expect(query(other, 'SELECT * FROM mine')).rejects.toThrow(/does not exist/);
  });

  it('keep what PostgreSQL acknowledged across a kill', async () => {
    const url = await stores.postgres.createDatabase();
    await query(url, 'CREATE TABLE kept (id int)');
    await query(url, 'INSERT INTO kept VALUES (1)');

    await stores.postgres.kill();
    await expect(query(url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);

    await stores.postgres.start();
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  it('come back on the same port after a stop', async () => {
    await Promise.all([stores.postgres.stop(), stores.redis.stop()]);
    await Promise.all([stores.postgres.start(), stores.redis.start()]);
    expect(await query(stores.databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await redis(stores.redisUrl, 'PING')).toBe('PONG');
  });

  it('lose what Redis had when it is killed', async () => {
    await redis(stores.redisUrl, 'SET', 'a', '1');
    await stores.redis.kill();
    await expect(redis(stores.redisUrl, 'GET', 'a')).rejects.toThrow();
    await stores.redis.start();
    expect(await redis(stores.redisUrl, 'GET', 'a')).toBeNull();
  });

  it('answer nothing while paused, and go on afterwards', async () => {
    stores.postgres.pause();
    stores.redis.pause();
    await Promise.all([
      expect(query(stores.databaseUrl, 'SELECT 1')).rejects.toThrow(/timeout/),
      expect(redis(stores.redisUrl, 'PING')).rejects.toThrow('no answer'),
    ]);

    stores.postgres.resume();
    stores.redis.resume();
    await query(stores.databaseUrl, 'SELECT 1');
    await redis(stores.redisUrl, 'PING');
  });
});

it.each(['running', 'paused', 'killed', 'stopped'])(
  'leave nothing behind when they are %s at the end',
  async (state) => {
    const stores = await startStores();
    const [folder] = await query(stores.databaseUrl, 'SHOW data_directory');
    expect(folder).toEqual({ data_directory: expect.stringMatching(/local-postgres-.*data$/) });
    const dataFolder = Object.values(folder ?? {}).join();

    for (const store of [stores.postgres, stores.redis]) {
      if (state === 'paused') store.pause();
      if (state === 'killed') await store.kill();
      if (state === 'stopped') await store.stop();
    }
    await stores.stop();
    await stores.stop();

    expect(existsSync(dataFolder)).toBe(false);
    await expect(query(stores.databaseUrl, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await expect(redis(stores.redisUrl, 'PING')).rejects.toThrow();
  },
);

it('begin with what another PostgreSQL held when it was stopped, and leave that alone', async () => {
  const template = await startPostgres();
  await query(template.url, 'CREATE TABLE copied (id int)');
  await query(template.url, 'INSERT INTO copied VALUES (1)');
  await template.stop();

  const copies = [1, 2].map(() => startPostgres({ copyOf: template }));
  const [one, other] = await Promise.all(copies);
  await query(one?.url ?? '', 'DELETE FROM copied');
  expect(await query(other?.url ?? '', 'SELECT id FROM copied')).toEqual([{ id: 1 }]);
  await Promise.all([one?.close(), other?.close()]);

  await template.start();
  expect(await query(template.url, 'SELECT id FROM copied')).toEqual([{ id: 1 }]);
  await template.close();
});

it('lets Redis start from an older dump, and write one when it is stopped', async () => {
  const store = await startRedis({ save: true, args: ['--maxmemory-policy', 'allkeys-lru'] });
  expect(await redis(store.url, 'CONFIG', 'GET', 'maxmemory-policy')).toMatchObject({
    'maxmemory-policy': 'allkeys-lru',
  });
  await redis(store.url, 'SET', 'a', 'old');
  await redis(store.url, 'SAVE');
  await redis(store.url, 'SET', 'a', 'new');
  await store.kill();
  await store.start();
  expect(await redis(store.url, 'GET', 'a')).toBe('old');

  await redis(store.url, 'SET', 'a', 'newest');
  await store.stop();
  await store.start();
  expect(await redis(store.url, 'GET', 'a')).toBe('newest');
  await store.close();
});
