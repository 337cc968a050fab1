import { createClient } from '@redis/client';
import pg from 'pg';
import { afterEach, expect, inject, it } from 'vitest';
import { createDatabase, dropDatabases } from '../src/databases.ts';
import { freshDatabaseUrl, freshRedisUrl } from '../src/vitest.ts';

const server = inject('databaseUrl');

async function databases(prefix: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1) ORDER BY 1',
    [prefix],
  );
  await client.end();
  return rows.map((row) => row.name);
}

afterEach(() => dropDatabases(server, 'shared_test_'));

it('gives each caller a database of its own', async () => {
  const [one, other] = await Promise.all([freshDatabaseUrl(), freshDatabaseUrl()]);
  expect(one).not.toBe(other);
  expect(await databases(inject('databasePrefix'))).toEqual(
    expect.arrayContaining([one, other].map((url) => new URL(url).pathname.slice(1))),
  );
});

it('gives each worker an empty Redis database', async () => {
  const url = await freshRedisUrl();
  const client = await createClient({ url }).connect();
  await client.set('left', 'over');

  expect(await freshRedisUrl()).toBe(url);
  expect(await client.dbSize()).toBe(0);
  client.destroy();
});

it('drops the databases of a run, and no other, with whoever is connected', async () => {
  const url = await createDatabase(server, 'shared_test_1_a');
  await createDatabase(server, 'shared_test_2_a');
  const client = new pg.Client({ connectionString: url });
  const broken = new Promise((resolve) => client.on('error', resolve));
  await client.connect();

  await dropDatabases(server, 'shared_test_1_');
  await broken;
  expect(await databases('shared_test_')).toEqual(['shared_test_2_a']);
});
