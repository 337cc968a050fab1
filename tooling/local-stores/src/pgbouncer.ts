import { execFileSync } from 'node:child_process';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresUser, type SystemUser } from './machine.ts';
import { freePort } from './ports.ts';
import { answers } from './postgres-server.ts';
import { type Log, pgBouncerPrograms, toTerminal } from './programs.ts';
import { controlsOf, moveIn, openHome, type Store } from './store.ts';
import { StoreProcess } from './store-process.ts';

const NAMED_STATEMENTS_SINCE = [1, 21];
const MOST_NAMED_STATEMENTS = 200;

export interface PgBouncerOptions {
  /**
   * Whether a statement that a client prepared follows it from server to server. False: as in
   * versions before 1.21, and in those it is always so. Default true.
   */
  readonly namedStatements?: boolean;
  readonly log?: Log | undefined;
}

/**
 * Starts a private PgBouncer before a PostgreSQL: transaction mode, no password, 127.0.0.1 only,
 * everything else as it comes (startup parameters that it does not know are refused).
 *
 * @param databaseUrl - Decides the server and the user there; clients name the database.
 */
export async function startPgBouncer(
  databaseUrl: string,
  options: PgBouncerOptions = {},
): Promise<Store> {
  const programs = pgBouncerPrograms(options.log ?? toTerminal);
  const file = join(programs.folder, programs.server);
  const home = await openHome('pgbouncer');

  return moveIn(home, async () => {
    // It refuses to run as root, as PostgreSQL does.
    const user = postgresUser();
    const port = await freePort();
    const lines = configuration(databaseUrl, port, namedStatements(file, options));
    const config = await writeConfiguration(home.folder, user, lines);
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${port}`;
    url.password = '';
    const server = new StoreProcess(
      {
        name: 'pgbouncer',
        file,
        args: [config],
        folder: home.folder,
        user,
        stopSignal: 'SIGTERM',
        endSignal: 'SIGKILL',
        ready: () => answers(url.href),
      },
      home.guard,
    );
    await server.start();
    return { ...controlsOf(server, home), url: url.href, port };
  });
}

function configuration(databaseUrl: string, port: number, statements: string[]): string[] {
  const { hostname, port: target, username, password } = new URL(databaseUrl);
  const server = {
    host: hostname,
    port: target === '' ? '5432' : target,
    user: decodeURIComponent(username),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
  const fields = Object.entries(server).map(([name, value]) => `${name}=${quoted(value)}`);
  return [
    '[databases]',
    `* = ${fields.join(' ')}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    ...statements,
  ];
}

function namedStatements(file: string, { namedStatements: wanted = true }: PgBouncerOptions) {
  const said = execFileSync(file, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /(\d+)\.(\d+)/.exec(said)?.map(Number) ?? [];
  const [sinceMajor = 0, sinceMinor = 0] = NAMED_STATEMENTS_SINCE;
  if (major === undefined || minor === undefined) throw new Error(`no version in: ${said}`);
  const knows = major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
  return knows ? [`max_prepared_statements = ${wanted ? MOST_NAMED_STATEMENTS : 0}`] : [];
}

async function writeConfiguration(
  folder: string,
  user: SystemUser | null,
  lines: readonly string[],
): Promise<string> {
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  if (user !== null) await chown(file, user.uid, user.gid);
  return file;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
