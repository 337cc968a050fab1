import { execFileSync } from 'node:child_process';
import {
  FAULT_TOOLS,
  type FaultTool,
  faultToolSource,
  type Machine,
  pgBouncerSource,
  postgresSource,
  redisSource,
  type Source,
} from './find.ts';
import { thisMachine } from './machine.ts';

/** Says something to whoever waits, one line at a time. */
export type Log = (line: string) => void;

export interface Programs {
  readonly folder: string;
  /** The name of the server's program in that folder. */
  readonly server: string;
  readonly from: 'machine' | 'npm';
}

export function postgresPrograms(log: Log): Programs {
  return settle(postgresSource, log);
}

export function redisPrograms(log: Log): Programs {
  return settle(redisSource, log);
}

export function pgBouncerPrograms(log: Log): Programs {
  return settle(pgBouncerSource, log);
}

/**
 * Makes sure that both stores could be started, installing what is missing where that is possible.
 *
 * @throws {Error} One that says what to install.
 */
export function prepareStores(log: Log = toTerminal): void {
  postgresPrograms(log);
  redisPrograms(log);
}

/**
 * As {@link prepareStores}, and PgBouncer and faketime where they can be had: before the tests, so that none
 * waits for them. What lacks its tool says so.
 */
export function prepareTests(log: Log = toTerminal): void {
  prepareStores(log);
  if (pgBouncerSource(thisMachine()).from !== 'nowhere') pgBouncerPrograms(log);
  prepareTool('faketime', log);
}

/** As {@link prepareTests}, and the other tools of the faults where they can be had. */
export function prepareFaults(log: Log = toTerminal): void {
  prepareTests(log);
  for (const tool of FAULT_TOOLS) prepareTool(tool, log);
}

function prepareTool(tool: FaultTool, log: Log): void {
  const find = (machine: Machine) => faultToolSource(machine, tool);
  if (find(thisMachine()).from !== 'apt') return;
  try {
    settle(find, log);
  } catch (error) {
    log(`${tool} could not be had, so what needs it is not run: ${String(error)}`);
  }
}

export function toTerminal(line: string): void {
  process.stderr.write(`${line}\n`);
}

function settle(find: (machine: Machine) => Source, log: Log): Programs {
  const source = find(thisMachine());
  if (source.from !== 'apt') return found(source);

  install(source.aptPackage, log);
  const installed = find(thisMachine());
  if (installed.from !== 'apt') return found(installed);
  throw new Error(`apt-get installed ${source.aptPackage}, but its programs are not there`);
}

function found(source: Exclude<Source, { from: 'apt' }>): Programs {
  if (source.from === 'nowhere') throw new Error(source.advice);
  return source;
}

function install(aptPackage: string, log: Log): void {
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
      // What it says is part of the error, if there is one.
      stdio: ['ignore', 'ignore', 'pipe'],
      // Runlevel 1: the package's service is not started.
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    });

  log(`${aptPackage} is missing: running apt-get install -y --no-install-recommends ${aptPackage}`);
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', aptPackage);
}
