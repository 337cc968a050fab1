import { isLookup, lookupsDuring, p99Of } from '../checker/lookups.ts';
import type { Fault } from './fault.ts';
import type { History, Operation, Violation } from './history.ts';

/** What one fault did, as the table tells it. */
export interface FaultResult {
  id: string;
  title: string;
  promise: string;
  seed: number;
  nearCopies: boolean;
  /** Lookups while the fault lasted that were answered. */
  lookups: number;
  /** Lookups while the fault lasted that nobody could answer. */
  unanswered: number;
  /** Lookups a second while the fault lasted. */
  perSecond: number;
  wrong: number;
  slowestMs: number;
  p99Ms: number;
  /** The same before the fault. */
  p99BeforeMs: number;
  /** From the mending until every process reached both stores; `null`: not within the bound. */
  recoveryMs: number | null;
  violations: Violation[];
  /** What was done to the sessions that the violations are about. */
  evidence: string[];
}

/** What is known beside the history. */
export type Circumstances = Pick<
  FaultResult,
  'seed' | 'nearCopies' | 'recoveryMs' | 'violations' | 'evidence'
> & {
  /** When the load had begun. */
  loaded: number;
};

export function resultOf(
  { id, promise, title }: Fault,
  history: History,
  { loaded, ...circumstances }: Circumstances,
): FaultResult {
  const { operations, windows } = history;
  const lookups = operations.filter((each) => isLookup(each) && !each.audit);
  const during = lookupsDuring(history);
  const first = Math.min(...windows.map(({ start }) => start));
  const before = lookups.filter(({ start, end }) => start >= loaded && end < first);
  const seconds = windows.reduce((sum, { start, end }) => sum + end - start, 0) / 1_000;
  return {
    id,
    title,
    promise,
    ...circumstances,
    lookups: during.filter(isAnswered).length,
    unanswered: during.filter((each) => !isAnswered(each)).length,
    perSecond: Math.round(during.length / seconds),
    wrong: circumstances.violations.filter(isWrongAnswer).length,
    slowestMs: Math.round(Math.max(0, ...during.map(({ took }) => took))),
    p99Ms: Math.round(p99Of(during)),
    p99BeforeMs: Math.round(p99Of(before)),
  };
}

function isAnswered({ outcome }: Operation): boolean {
  return outcome.kind === 'valid' || outcome.kind === 'invalid';
}

function isWrongAnswer({ rule }: Violation): boolean {
  return rule.startsWith('S-') || rule === 'A-1' || rule === 'P-2';
}
