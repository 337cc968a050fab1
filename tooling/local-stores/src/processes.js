// Plain JavaScript, because the watchdog runs it with bare Node also where only sources exist.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/**
 * Whether the process is there and not a zombie that its parent has yet to collect.
 *
 * @param {number} pid
 * @returns {boolean}
 */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  return statOf(pid)?.state !== 'Z';
}

/**
 * The process and all its descendants, parents before children.
 *
 * @param {number} pid
 * @returns {number[]}
 */
export function processTree(pid) {
  const children = childrenByParent();
  const tree = [pid];
  for (const parent of tree) tree.push(...(children.get(parent) ?? []));
  return tree;
}

/**
 * The processes that work in a folder or below it; none where the system does not tell (no /proc).
 *
 * @param {string} folder
 * @returns {number[]}
 */
export function processesIn(folder) {
  if (process.platform !== 'linux') return [];
  const real = realpathSync(folder);
  return pidsOfProc().filter((pid) => {
    const at = workingFolder(pid);
    return at === real || at.startsWith(real + sep);
  });
}

/**
 * Sends a signal to each process that is still there.
 *
 * @param {readonly number[]} pids
 * @param {NodeJS.Signals} signal
 */
export function send(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }
}

/**
 * Ends a process and its descendants: asks the process first, kills what is left after 5 s.
 * Works on stopped (SIGSTOP) processes too.
 *
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 * @returns {Promise<void>}
 */
export async function endTree(pid, signal) {
  const tree = processTree(pid);
  send([pid], signal);
  send(tree, 'SIGCONT');
  if (await haveEnded(tree)) return;

  const rest = [...new Set([...tree, ...processTree(pid)])];
  send(rest, 'SIGKILL');
  if (await haveEnded(rest)) return;
  throw new Error(`process ${pid} survived SIGKILL for ${PATIENCE_MS} ms`);
}

/**
 * Waits until none of them runs, 5 s at most; answers whether that came true.
 *
 * @param {readonly number[]} pids
 * @returns {Promise<boolean>}
 */
export async function haveEnded(pids) {
  const deadline = performance.now() + PATIENCE_MS;
  while (pids.some(isRunning)) {
    if (performance.now() > deadline) return false;
    await delay(LOOK_AGAIN_MS);
  }
  return true;
}

/** @returns {Map<number, number[]>} */
function childrenByParent() {
  const children = new Map();
  for (const [pid, parent] of listProcesses()) {
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

/** @returns {[pid: number, parent: number][]} */
function listProcesses() {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') return listWithPs();
  return pidsOfProc().flatMap((pid) => {
    const stat = statOf(pid);
    return stat === null ? [] : [[pid, stat.parent]];
  });
}

/** @returns {number[]} */
function pidsOfProc() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/**
 * @param {number} pid
 * @returns {string} Empty when it is gone or not ours to ask.
 */
function workingFolder(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(codeOf(error))) return '';
    throw error;
  }
}

/** @returns {[pid: number, parent: number][]} */
function listWithPs() {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return [pid ?? 0, parent ?? 0];
    });
}

/**
 * @param {number} pid
 * @returns {{ state: string, parent: number } | null} null when it is gone, or /proc is not there
 */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold spaces; the fields follow it.
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch (error) {
    // ESRCH: it ended between the opening of the file and the reading.
    if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return null;
    throw error;
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
