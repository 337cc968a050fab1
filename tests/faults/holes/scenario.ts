import type { Allowance, Bounds, FaultWindow } from '../harness/history.ts';
import type { Stage } from '../harness/stage.ts';
import type { StageOptions } from '../harness/stage-options.ts';
import { newcomer, past, sessionOf } from './steps.ts';

/** The shortest way to see one hole. A build without it passes. */
export interface Scenario {
  options: StageOptions;
  allows: Allowance;
  bounds?: Partial<Bounds>;
  /** Resolves to when something was broken. */
  play(stage: Stage): Promise<FaultWindow[]>;
}

export const ONE_SESSION = { users: 1, sessionsPerUser: 1 } as const;
/** Process 0 carries; each may be led to another Redis. */
export const TWO = { processes: 2, proxied: true, firstCarries: true, ...ONE_SESSION } as const;
/** What is held back is not given up. */
export const PATIENT = { SESSION_REDIS_TIMEOUT: '10s', SESSION_POSTGRES_TIMEOUT: '5s' } as const;
/** F of one second, as the process is told and as the checker is. */
export const SHORT_F = { SESSION_CONFIRM_AFTER: '1' } as const;
export const F = 1_000;

/** Asks in a new process, when the truth must have arrived. */
export async function askLater(stage: Stage, ended: number, bound: number): Promise<void> {
  const session = sessionOf(stage, 0);
  const place = await newcomer(stage);
  await past(ended, bound + 100);
  await stage.call(place, { verb: 'validate', session });
}

/** The time of this work is the time of a fault. */
export async function broken(work: () => Promise<void>): Promise<FaultWindow[]> {
  const start = performance.now();
  await work();
  const end = performance.now();
  return [{ start, mending: end, end }];
}
