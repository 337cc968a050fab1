import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { SystemUser } from './machine.ts';
import { controlsOf, type Home, type StoreControls } from './store.ts';
import { StoreProcess } from './store-process.ts';

export interface PostgresServer extends StoreControls {
  readonly url: string;
  readonly port: number;
}

export interface PostgresServerPlan {
  /** Its folder `data` holds the database. */
  readonly home: Home;
  readonly binDir: string;
  readonly user: SystemUser | null;
  readonly port: number;
  readonly durable: boolean;
}

/** Starts a server, on 127.0.0.1 only. */
export async function startServer(plan: PostgresServerPlan): Promise<PostgresServer> {
  const { home, binDir, user, port } = plan;
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const server = new StoreProcess(
    {
      name: 'postgres',
      file: join(binDir, 'postgres'),
      args: serverArgs(plan),
      folder: home.folder,
      user,
      stopSignal: 'SIGINT',
      endSignal: 'SIGQUIT',
      ready: () => answers(url),
    },
    home.guard,
  );
  await server.start();
  return { ...controlsOf(server, home), url, port };
}

/** Makes the folder `data` of a home, closed to everybody but the server. */
export async function makeDataFolder({ folder }: Home, user: SystemUser | null): Promise<string> {
  const data = dataFolder(folder);
  await mkdir(data, { mode: 0o700 });
  if (user !== null) await chown(data, user.uid, user.gid);
  return data;
}

/** Runs one statement over a connection of its own. */
export async function query(url: string, statement: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  // The rejection of the query tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/** Rejects unless a PostgreSQL, or what stands before it, answers a query. */
export async function answers(url: string): Promise<void> {
  await query(url, 'SELECT 1');
}

function serverArgs({ home, port, durable }: PostgresServerPlan): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    // In the data folder, not in /dev/shm, so that a kill leaves nothing there.
    dynamic_shared_memory_type: 'mmap',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataFolder(home.folder), ...flags];
}

function dataFolder(folder: string): string {
  return join(folder, 'data');
}
