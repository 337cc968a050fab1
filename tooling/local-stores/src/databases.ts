import { randomBytes } from 'node:crypto';
import { createClient } from '@redis/client';
import pg from 'pg';

/**
 * Makes an empty database on a PostgreSQL and answers its URL.
 *
 * @param serverUrl - Any database of that server, as a user who may create databases.
 * @param name - Default: a name that nobody has.
 */
export async function createDatabase(
  serverUrl: string,
  name = `test_${randomBytes(8).toString('hex')}`,
): Promise<string> {
  await run(serverUrl, `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Removes each database whose name begins so, with whoever is connected to it. */
export async function dropDatabases(serverUrl: string, prefix: string): Promise<void> {
  const names = await withClient(serverUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [prefix],
    );
    return rows.map((row) => row.datname);
  });
  for (const name of names) {
    await run(serverUrl, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  }
}

/** The URL of one of the 16 databases of a Redis, emptied. */
export async function emptyRedisDatabase(serverUrl: string, index: number): Promise<string> {
  const url = new URL(serverUrl);
  url.pathname = `/${index}`;
  const client = createClient({ url: url.href, socket: { reconnectStrategy: false } });
  await client.connect();
  await client.flushDb();
  await client.close();
  return url.href;
}

async function run(url: string, statement: string): Promise<void> {
  await withClient(url, (client) => client.query(statement));
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
