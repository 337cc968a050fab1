import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/check.ts';
import { askEveryProcess, compareStores } from './audit.ts';
import type { Fault, Running } from './fault.ts';
import { BOUNDS, type History, type ProcessReport, type Violation } from './history.ts';
import { Load } from './load.ts';
import { keepsNearCopies } from './near-copies.ts';
import { type FaultResult, resultOf } from './result.ts';
import { Stage } from './stage.ts';

const WARM_UP = 1_500;
/** The first calls of a process compile its code. */
const SETTLING = 500;
const HOLD = 3_000;
const LOOK_AGAIN = 50;
/** PostgreSQL's pool of a process, and what Redis needs. */
const SOCKETS = 14;

export interface RunOptions {
  /** For every application process, unless the fault says otherwise. */
  env?: Variables | undefined;
  /** The folder of another build of the package. */
  packageFolder?: string | undefined;
}

type Variables = Record<string, string>;

/** Breaks the world under load, mends it, and holds what was answered against the promises. */
export async function runFault(
  fault: Fault,
  seed: number,
  { env: more, packageFolder }: RunOptions = {},
): Promise<FaultResult> {
  const nearCopies = fault.needsNearCopies === true || keepsNearCopies(fault.id, seed);
  const near: Variables = nearCopies ? {} : { SESSION_NEAR_COPIES: '0' };
  const env = { ...near, ...more, ...fault.options?.env };
  const stage = await Stage.open(seed, { ...fault.options, env, packageFolder });
  try {
    const { history, ...told } = await play(fault, stage);
    return resultOf(fault, history, { seed, nearCopies, ...told });
  } finally {
    await stage.close();
  }
}

async function play(fault: Fault, stage: Stage) {
  const bounds = { ...BOUNDS, ...fault.bounds };
  await fault.prepare?.(stage);
  const loaded = performance.now() + SETTLING;
  const load = fault.isQuiet ? null : loadOf(fault, stage);
  await delay(fault.isQuiet ? 0 : WARM_UP);
  const before = await socketsOf(stage);

  const start = performance.now();
  await fault.inject(stage);
  await delay(fault.holdMs ?? HOLD);
  const mending = performance.now();
  await fault.heal(stage);
  const end = performance.now();

  const recoveryMs = await recovery(stage, end, bounds.recovery);
  await delay(Math.max(0, end + bounds.recovery - performance.now()));
  await load?.stop();
  // By then the last changes of the load have reached every process, or P2 is broken.
  await delay(bounds.health);
  await askEveryProcess(stage);

  const history: History = {
    operations: stage.recorder.operations,
    windows: [{ start, mending, end }],
    allows: fault.allows,
    bounds,
    processes: await reportsOf(stage, before),
    disagreements: await compareStores(stage),
  };
  const late = recoveryMs === null ? [neverBack(bounds.recovery)] : [];
  return { history, loaded, recoveryMs, violations: [...check(history), ...late] };
}

function loadOf({ callsPerSecond, load }: Fault, stage: Stage): Running {
  return load?.(stage) ?? new Load(stage, callsPerSecond);
}

/** How long until every process says that it reaches both stores. */
async function recovery(stage: Stage, since: number, withinMs: number): Promise<number | null> {
  for (;;) {
    const back = await Promise.all(
      running(stage).map(async (each) => isBack(await each.call('health'))),
    );
    const took = performance.now() - since;
    if (back.every(Boolean)) return Math.round(took);
    if (took > withinMs) return null;
    await delay(LOOK_AGAIN);
  }
}

function isBack({ outcome }: { outcome: { kind: string; value?: unknown } }): boolean {
  const text = JSON.stringify(outcome.value ?? null);
  return outcome.kind === 'ack' && !text.includes('"reachable":false');
}

function neverBack(bound: number): Violation {
  return {
    rule: 'A-2',
    what: `a process does not reach both stores ${bound} ms after the mending`,
    late: true,
  };
}

async function socketsOf(stage: Stage): Promise<number[]> {
  const reports = await Promise.all(stage.applications.map((each) => reportOf(each)));
  return reports.map(({ sockets }) => sockets);
}

async function reportsOf(stage: Stage, before: readonly number[]): Promise<ProcessReport[]> {
  const tokens = stage.recorder.issued.map(({ token }) => token);
  return await Promise.all(
    stage.applications.map(async (application, place) => {
      const { faults, sockets } = await reportOf(application);
      return {
        name: application.name,
        faults,
        crashed: application.hasCrashed,
        sockets: { before: before[place] ?? 0, after: sockets, allowed: SOCKETS },
        tokensInOutput: tokens.filter((token) => application.output.includes(token)).length,
      };
    }),
  );
}

interface SelfReport {
  faults: string[];
  sockets: number;
}

async function reportOf(application: Stage['applications'][number]): Promise<SelfReport> {
  const { outcome } = await application.call('report');
  return outcome.kind === 'ack' ? (outcome.value as SelfReport) : { faults: [], sockets: 0 };
}

function running(stage: Stage) {
  return stage.applications.filter((each) => each.isRunning);
}
