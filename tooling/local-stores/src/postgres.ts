import { existsSync } from 'node:fs';
import { chown, cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { createDatabase } from './databases.ts';
import { majorVersion, mayRun, postgresUser, type SystemUser } from './machine.ts';
import { freePort } from './ports.ts';
import { type Log, postgresPrograms, toTerminal } from './programs.ts';
import { type Home, moveIn, openHome, type Store } from './store.ts';
import { runToEnd, type StorePlan, StoreProcess } from './store-process.ts';

const ICU_SINCE = 15;

export interface PostgresOptions {
  /** Whether data must survive a crash of the machine (not only of PostgreSQL). Default false. */
  readonly durable?: boolean | undefined;
  readonly log?: Log | undefined;
}

export interface PostgresStore extends Store {
  /** The folder of `psql` and `pg_dump`, null where only the server was found. */
  readonly binDir: string | null;
  /** Makes an empty database and answers its URL. */
  createDatabase(name?: string): Promise<string>;
}

/** Starts a private PostgreSQL: UTF-8, superuser `postgres`, no password, 127.0.0.1 only. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresStore> {
  const programs = postgresPrograms(options.log ?? toTerminal);
  const home = await openHome('postgres');

  return moveIn(home, async () => {
    const user = postgresUser();
    const binDir = await reachable(programs.folder, user, home);
    await initialise(binDir, user, home);

    const port = await freePort();
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const server = new StoreProcess(
      {
        name: 'postgres',
        file: join(binDir, 'postgres'),
        args: serverArgs(home, port, options.durable ?? false),
        folder: home.folder,
        user,
        stopSignal: 'SIGINT',
        endSignal: 'SIGQUIT',
        ready: () => answers(url),
      },
      home.guard,
    );
    await server.start();

    return {
      url,
      port,
      binDir: hasTools(binDir) ? binDir : null,
      createDatabase: (name) => createDatabase(url, name),
      start: () => server.start(),
      stop: () => server.stop(),
      kill: () => server.kill(),
      pause: () => server.pause(),
      resume: () => server.resume(),
      close: () => home.guard.release(),
    };
  });
}

async function initialise(binDir: string, user: SystemUser | null, home: Home): Promise<void> {
  const data = join(home.folder, 'data');
  await mkdir(data, { mode: 0o700 });
  if (user !== null) await chown(data, user.uid, user.gid);

  // One collation on every machine, with upper and lower case beyond ASCII.
  const hasIcu = majorVersion(join(binDir, 'postgres')) >= ICU_SINCE;
  const icu = hasIcu ? ['--locale-provider=icu', '--icu-locale=und'] : [];
  const plan: StorePlan = {
    name: 'initdb',
    file: join(binDir, 'initdb'),
    args: [
      '-D',
      data,
      '-U',
      'postgres',
      '--auth=trust',
      '--no-sync',
      '-E',
      'UTF8',
      '--locale=C',
      ...icu,
    ],
    folder: home.folder,
    user,
    stopSignal: 'SIGTERM',
    endSignal: 'SIGTERM',
    ready: () => Promise.resolve(),
  };
  await runToEnd(plan, home.guard);
}

function serverArgs({ folder }: Home, port: number, durable: boolean): string[] {
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
  return ['-D', join(folder, 'data'), ...flags];
}

/** The programs where that user can run them: a clone under /root is closed to everybody else. */
async function reachable(binDir: string, user: SystemUser | null, home: Home): Promise<string> {
  if (user === null || mayRun(join(binDir, 'postgres'), user)) return binDir;
  const copy = join(home.folder, 'programs');
  await cp(dirname(binDir), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

async function answers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end();
  }
}

function hasTools(binDir: string): boolean {
  return ['psql', 'pg_dump'].every((name) => existsSync(join(binDir, name)));
}
