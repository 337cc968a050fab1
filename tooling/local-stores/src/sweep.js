import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endTree, processesIn } from './processes.js';

/**
 * What must not outlive us.
 *
 * @typedef {object} Belonging
 * @property {number | null} pid The process to end, null when none runs.
 * @property {NodeJS.Signals} signal How to ask it to end.
 * @property {string | null} folder The folder to remove then.
 */

/**
 * Ends the process and removes the folder.
 *
 * @param {Belonging} belonging
 * @returns {Promise<void>}
 */
export async function sweep({ pid, signal, folder }) {
  if (pid !== null) await endTree(pid, signal);
  if (folder === null || !existsSync(folder)) return;

  // One that was started and not yet told of when its parent died.
  await Promise.all(processesIn(folder).map((each) => endTree(each, signal)));

  releaseSharedMemory(join(folder, 'data', 'postmaster.pid'));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * A PostgreSQL that was killed leaves its System V segment behind, and the system has few.
 *
 * @param {string} pidFile
 */
function releaseSharedMemory(pidFile) {
  if (!existsSync(pidFile)) return;
  const [, segment] = readFileSync(pidFile, 'utf8').split('\n')[6]?.trim().split(/\s+/) ?? [];
  if (segment !== undefined) spawnSync('ipcrm', ['-m', segment], { stdio: 'ignore' });
}
