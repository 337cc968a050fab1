import { execFile } from 'node:child_process';
import { readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
export const WEB = join(ROOT, 'apps/web');

const BUILD = join(ROOT, 'scripts/build.mjs');
/** Names the process that builds, so that what a killed one leaves behind holds nobody up. */
const LOCK = join(ROOT, 'node_modules/.web-build.lock');

let built: Promise<void> | null = null;

/** Makes the production build, if anything changed since the last. One process at a time. */
export function ensureBuilt(): Promise<void> {
  built ??= build();
  return built;
}

async function build(): Promise<void> {
  while (!(await takeLock())) await pause(200);
  try {
    await run(process.execPath, [BUILD], { cwd: ROOT });
  } finally {
    await rm(LOCK, { force: true });
  }
}

async function takeLock(): Promise<boolean> {
  try {
    await symlink(String(process.pid), LOCK);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = await readlink(LOCK).catch(() => null);
    if (holder !== null && !isRunning(Number(holder))) await rm(LOCK, { force: true });
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
