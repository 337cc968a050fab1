import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClient } from '@redis/client';
import pg from 'pg';

export async function sql<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return await withSession(url, (query) => query<Row>(text, values));
}

/** One statement in a session of PostgreSQL. */
export type Query = <Row extends pg.QueryResultRow>(
  text: string,
  values?: unknown[],
) => Promise<Row[]>;

/** Lends a session; what it has left open ends with it. */
export async function withSession<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(
      async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
        (await client.query<Row>(text, values)).rows,
    );
  } finally {
    await client.end();
  }
}

/** Does something while a transaction stands open that has begun with this statement, then commits it. */
export async function inTransaction(
  url: string,
  statement: string,
  work: () => Promise<unknown>,
): Promise<void> {
  await withSession(url, async (query) => {
    await query('BEGIN');
    await query(statement);
    await work();
    await query('COMMIT');
  });
}

export async function redisCommand(url: string, args: string[]): Promise<unknown> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}

/** One command on one node. */
export type Ask = (args: string[]) => Promise<unknown>;

/** Opens a connection to each of these nodes that is there, for as long as the work lasts. */
export async function withMasters<T>(
  ports: readonly number[],
  work: (masters: Ask[]) => Promise<T>,
): Promise<T> {
  const clients = ports.map((port) =>
    createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } }),
  );
  for (const client of clients) client.on('error', () => undefined);
  await Promise.all(clients.map((client) => client.connect().catch(() => undefined)));
  const open = clients.filter(({ isReady }) => isReady);
  try {
    return await work(open.map((client) => (args) => client.sendCommand(args)));
  } finally {
    for (const client of open) client.destroy();
  }
}

/** Runs the command line of a built package on these stores. */
export async function command(
  folder: string,
  args: readonly string[],
  urls: { databaseUrl: string; redisUrl?: string },
): Promise<void> {
  const { databaseUrl, redisUrl = '' } = urls;
  await promisify(execFile)(process.execPath, [join(folder, 'dist/cli/main.js'), ...args], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
    },
  });
}

/** Resolves once the condition holds; rejects after ten seconds. */
export async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it does not come true');
    await delay(20);
  }
}
