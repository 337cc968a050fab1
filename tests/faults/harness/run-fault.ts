import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/check.ts';
import type { Reply } from './application.ts';
import { askEveryProcess, compareStores } from './audit.ts';
import { evidenceOf } from './evidence.ts';
import type { Fault, Running } from './fault.ts';
import {
  BOUNDS,
  type Bounds,
  type History,
  type ProcessReport,
  type Violation,
} from './history.ts';
import { Load } from './load.ts';
import { keepsNearCopies } from './near-copies.ts';
import { type FaultResult, resultOf } from './result.ts';
import { Stage } from './stage.ts';

const WARM_UP = 1_500;
/** The first calls of a process compile its code. */
const SETTLING = 500;
const HOLD = 3_000;
/** How long the load goes on after the mending, at the least. */
const AFTERMATH = 2_000;
const LOOK_AGAIN = 50;
/** How much later than they may be changes are waited for, so as to tell what is late from what is lost. */
const PATIENCE = 10_000;
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

  const { late, recovery, recoveryMs } = await recover(stage, load, end, bounds);
  await askEveryProcess(stage);

  const history: History = {
    operations: stage.recorder.operations,
    windows: [{ start, mending, end }],
    allows: { ...fault.allows, onlyIn: fault.onlyIn?.(stage) ?? fault.allows.onlyIn },
    // Nothing is excused for longer than was waited.
    bounds: { ...bounds, recovery },
    processes: await reportsOf(stage, before),
    disagreements: await compareStores(stage),
  };
  const violations = [...check(history), ...late];
  return { history, loaded, recoveryMs, violations, evidence: evidenceOf(violations, history) };
}

/** Lets the load go on until the stage is as it was, then all that was changed arrive everywhere. */
async function recover(stage: Stage, load: Running | null, end: number, bounds: Bounds) {
  const recoveryMs = await since(end, bounds.recovery, () => areAll(stage, 'health', isBack));
  await since(end, bounds.recovery, () => areAll(stage, 'propagation', isTrusting));
  await delay(Math.max(0, end + AFTERMATH - performance.now()));
  const recovery = Math.min(performance.now() - end, bounds.recovery);
  await load?.stop();

  const stopped = performance.now();
  const limit = bounds.recovery + bounds.health;
  const carriedMs = await since(end, limit + PATIENCE, () => areAll(stage, 'propagation', isIdle));
  // By then the last changes of the load have reached every process, or P2 is broken.
  await delay(Math.max(0, stopped + bounds.health - performance.now()));

  const late = [
    ...(recoveryMs === null
      ? [tooLate('a process does not reach both stores', bounds.recovery)]
      : []),
    ...(carriedMs === null || carriedMs > limit
      ? [tooLate('changes have not arrived', limit)]
      : []),
  ];
  return { late, recovery, recoveryMs };
}

function loadOf({ callsPerSecond, load }: Fault, stage: Stage): Running {
  return load?.(stage) ?? new Load(stage, callsPerSecond);
}

/** How long after an instant the condition held; `null`: not so soon. */
async function since(
  instant: number,
  withinMs: number,
  holds: () => Promise<boolean>,
): Promise<number | null> {
  for (;;) {
    const isTrue = await holds();
    const took = performance.now() - instant;
    if (isTrue) return Math.round(took);
    if (took > withinMs) return null;
    await delay(LOOK_AGAIN);
  }
}

/** Whether every process that runs gives such an answer. */
async function areAll(stage: Stage, verb: string, is: (reply: Reply) => boolean): Promise<boolean> {
  const serving = stage.applications.filter(({ isRunning }) => isRunning);
  const answers = await Promise.all(serving.map(async (each) => is(await each.call(verb))));
  return answers.every(Boolean);
}

function isBack(reply: Reply): boolean {
  return isAnswerWithout('"reachable":false', reply);
}

/** Whether it goes by the copies again. */
function isTrusting(reply: Reply): boolean {
  return isAnswerWithout('"trusted":false', reply);
}

/** Whether nothing is on its way to the copies. */
function isIdle(reply: Reply): boolean {
  return isTrusting(reply) && JSON.stringify(reply.outcome).includes('"waiting":0');
}

function isAnswerWithout(text: string, { outcome }: Reply): boolean {
  return outcome.kind === 'ack' && !JSON.stringify(outcome.value ?? null).includes(text);
}

function tooLate(what: string, ms: number): Violation {
  return { rule: 'A-2', what: `${what} ${ms} ms after the mending`, late: true };
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
