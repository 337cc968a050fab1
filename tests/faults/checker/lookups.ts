import type { History, Operation, Violation } from '../harness/history.ts';

/** A timer may fire this late on a busy machine, in ms. */
const TIMER = 50;

/** L-1: every lookup ends by its deadline, whatever the stores do; 99 of 100 sooner, where a fault says so. */
export function latency(history: History): Violation[] {
  const { bounds, operations } = history;
  const late = operations
    .filter((operation) => isLookup(operation) && operation.took > bounds.deadline + TIMER)
    .map(({ process, took, verb }) => tooLate(`${verb} in process ${process} took`, took));
  const p99 = p99Of(lookupsDuring(history));
  return p99 > bounds.p99 ? [...late, tooLate('the slowest hundredth of all took', p99)] : late;
}

export function isLookup({ verb }: Operation): boolean {
  return verb === 'validate' || verb === 'confirm';
}

/** Those that were under way while the fault lasted. */
export function lookupsDuring({ operations, windows }: History): Operation[] {
  return operations
    .filter((each) => isLookup(each) && !each.audit)
    .filter(({ start, end }) =>
      windows.some((window) => end >= window.start && start <= window.end),
    );
}

export function p99Of(lookups: readonly Operation[]): number {
  const times = lookups.map(({ took }) => took).sort((a, b) => a - b);
  return times[Math.ceil(times.length * 0.99) - 1] ?? 0;
}

function tooLate(what: string, ms: number): Violation {
  return { rule: 'L-1', what: `${what} ${Math.round(ms)} ms`, late: true };
}
