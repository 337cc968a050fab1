import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Guard } from './guard.ts';
import type { SystemUser } from './machine.ts';
import { endTree, haveEnded, processTree, send } from './processes.js';
import type { Belonging } from './sweep.js';

const START_DEADLINE_MS = 60_000;
const LOOK_AGAIN_MS = 25;
const LOG_TAIL = 2_000;

/** A program that runs to its end. */
export interface ProgramPlan {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly user: SystemUser | null;
  /** Asks for the quickest end that leaves nothing behind, data lost. Default SIGTERM. */
  readonly endSignal?: NodeJS.Signals;
}

export interface StorePlan extends ProgramPlan {
  /** Asks for an orderly end, data kept. */
  readonly stopSignal: NodeJS.Signals;
  /** Rejects until the store answers. */
  readonly ready: () => Promise<void>;
}

/** A store's process: started, stopped, killed and frozen by its own process id. */
export class StoreProcess {
  readonly #plan: StorePlan;
  readonly #guard: Guard;
  #child: ChildProcess | null = null;

  constructor(plan: StorePlan, guard: Guard) {
    this.#plan = plan;
    this.#guard = guard;
  }

  /** Resolves once the store answers. */
  async start(): Promise<void> {
    if (this.#child !== null) throw new Error(`${this.#plan.name} is running already`);
    this.#child = await launch(this.#plan, this.#guard);
    this.#child.once('exit', () => {
      this.#child = null;
      this.#guard.update(belonging(this.#plan, null));
    });
    await this.#untilReady();
  }

  /** Orderly end; the data stay for the next start. */
  async stop(): Promise<void> {
    const child = this.#running();
    const gone = exitOf(child);
    await endTree(pidOf(child), this.#plan.stopSignal);
    await gone;
  }

  /** SIGKILL for the process and every descendant, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#running();
    const gone = exitOf(child);
    // Stopped first, so that it starts no child which we would not see.
    send([pidOf(child)], 'SIGSTOP');
    const tree = processTree(pidOf(child));
    send(tree, 'SIGKILL');
    await gone;
    await haveEnded(tree);
  }

  /** Freezes it: connections stay open, nothing answers. */
  pause(): void {
    const pid = pidOf(this.#running());
    send([pid], 'SIGSTOP');
    send(processTree(pid), 'SIGSTOP');
  }

  resume(): void {
    send(processTree(pidOf(this.#running())), 'SIGCONT');
  }

  #running(): ChildProcess {
    if (this.#child === null) throw new Error(`${this.#plan.name} is not running`);
    return this.#child;
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + START_DEADLINE_MS;
    for (;;) {
      const fault = await this.#plan.ready().catch((error: unknown) => error);
      if (fault === undefined) return;
      if (this.#child === null) throw failure(this.#plan, 'ended at once', fault);
      if (performance.now() > deadline) throw failure(this.#plan, 'does not answer', fault);
      await delay(LOOK_AGAIN_MS);
    }
  }
}

/** Runs a program of a store to its end, in the store's folder and as its user. */
export async function runToEnd(plan: ProgramPlan, guard: Guard): Promise<void> {
  const child = await launch(plan, guard);
  const code = await exitOf(child);
  guard.update(belonging(plan, null));
  if (code !== 0) throw failure(plan, `failed with exit code ${code}`, undefined);
}

async function launch(plan: ProgramPlan, guard: Guard): Promise<ChildProcess> {
  const log = openSync(logFile(plan), 'a');
  const child = spawn(plan.file, plan.args, {
    cwd: plan.folder,
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ...plan.user,
  });
  closeSync(log);
  if (child.pid !== undefined) guard.update(belonging(plan, child.pid));
  await once(child, 'spawn');
  child.unref();
  return child;
}

/** Its exit code; keeps our process alive until then. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  child.ref();
  await once(child, 'exit');
  return child.exitCode;
}

function belonging(plan: ProgramPlan, pid: number | null): Belonging {
  return { pid, signal: plan.endSignal ?? 'SIGTERM', folder: plan.folder };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process was never started');
  return child.pid;
}

function logFile({ folder, name }: ProgramPlan): string {
  return join(folder, `${name}.log`);
}

function failure(plan: ProgramPlan, what: string, cause: unknown): Error {
  const log = readFileSync(logFile(plan), 'utf8').slice(-LOG_TAIL).trim();
  return new Error(`${plan.name} ${what}:\n${log}`, { cause });
}
