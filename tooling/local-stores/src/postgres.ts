import { existsSync, realpathSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createDatabase } from './databases.ts';
import { majorVersion, mayRun, postgresUser, type SystemUser } from './machine.ts';
import { freePort } from './ports.ts';
import { makeDataFolder, startServer } from './postgres-server.ts';
import { type Log, postgresPrograms, toTerminal } from './programs.ts';
import { type Home, moveIn, openHome, type Store } from './store.ts';
import { type ProgramPlan, runToEnd } from './store-process.ts';

const ICU_SINCE = 15;

export interface PostgresOptions {
  /** Whether data must survive a crash of the machine (not only of PostgreSQL). Default false. */
  readonly durable?: boolean | undefined;
  readonly log?: Log | undefined;
  /** Another one, stopped: this one begins with a copy of its data. Default: it begins empty. */
  readonly copyOf?: Pick<PostgresStore, 'dataFolder'> | undefined;
}

export interface PostgresStore extends Store {
  /** Where its data are. */
  readonly dataFolder: string;
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
    const binDir = await reachable(withoutLinks(programs.folder), user, home);
    const dataFolder = await makeDataFolder(home, user);
    const { copyOf } = options;
    await runToEnd(
      copyOf === undefined
        ? initialising(binDir, user, home, dataFolder)
        : copying(copyOf.dataFolder, user, home, dataFolder),
      home.guard,
    );

    const durable = options.durable ?? false;
    const server = await startServer({ home, binDir, user, port: await freePort(), durable });
    return {
      ...server,
      dataFolder,
      binDir: hasTools(binDir) ? binDir : null,
      createDatabase: (name) => createDatabase(server.url, name),
    };
  });
}

function initialising(
  binDir: string,
  user: SystemUser | null,
  { folder }: Home,
  data: string,
): ProgramPlan {
  // One collation on every machine, with upper and lower case beyond ASCII.
  const hasIcu = majorVersion(join(binDir, 'postgres')) >= ICU_SINCE;
  const icu = hasIcu ? ['--locale-provider=icu', '--icu-locale=und'] : [];
  const fixed = ['-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
  const args = ['-D', data, ...fixed, ...icu];
  return { name: 'initdb', file: join(binDir, 'initdb'), args, folder, user };
}

/** By a program, since that can run as the user to whom the data belong. */
function copying(
  source: string,
  user: SystemUser | null,
  { folder }: Home,
  data: string,
): ProgramPlan {
  return { name: 'cp', file: 'cp', args: ['-R', `${source}/.`, data], folder, user };
}

/** PATH may hold links to a few of the programs; the folder that they lead to holds all. */
function withoutLinks(folder: string): string {
  return dirname(realpathSync(join(folder, 'postgres')));
}

/** The programs where that user can run them: a clone under /root is closed to everybody else. */
async function reachable(binDir: string, user: SystemUser | null, home: Home): Promise<string> {
  if (user === null || mayRun(join(binDir, 'postgres'), user)) return binDir;
  const copy = join(home.folder, 'programs');
  await cp(dirname(binDir), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

function hasTools(binDir: string): boolean {
  return ['psql', 'pg_dump'].every((name) => existsSync(join(binDir, name)));
}
