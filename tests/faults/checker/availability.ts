import type { Allowance, Bounds, History, Operation, Violation } from '../harness/history.ts';
import { deadlinesOf, type Life, mayHaveEnded } from './lives.ts';
import { latenessBetween, touchesFault } from './windows.ts';

/** How long before a fault a copy must have been made to count on it, in ms. */
const SETTLED = 500;
const SIGNED_IN = ['ack', 'valid'];
/** A change by the driver itself is no call of ours. */
const NO_WRITES = ['validate', 'confirm', 'setRole'];

/** a session that lives during the whole call is not refused. */
export function refusals(life: Life, history: History): Violation[] {
  return life.lookups
    .filter(({ outcome }) => outcome.kind === 'invalid')
    .filter((lookup) => livesThrough(life, lookup, history))
    .map((lookup) => told('A-1', lookup, 'refused a live session'));
}

/** nothing stays unanswered but what this fault excuses, while it lasts and 5 s longer. */
export function silences(life: Life, history: History): Violation[] {
  return life.lookups
    .filter(({ outcome }) => outcome.kind === 'unknown')
    .filter((lookup) => !isExcused(life, lookup, history))
    .map((lookup) => unanswered(lookup));
}

/** no other error than the store's, no write unanswered without an excuse. */
export function failures({ operations, ...history }: History): Violation[] {
  return operations.flatMap((operation) => {
    const { outcome, verb } = operation;
    if (outcome.kind === 'error') return [told('A-2', operation, `threw ${outcome.code}`)];
    if (outcome.kind !== 'unknown' || NO_WRITES.includes(verb)) return [];
    const during = touchesFault(operation.start, operation.end, { operations, ...history });
    return during && history.allows.writes && isExcusable(operation, history.allows)
      ? []
      : [unanswered(operation)];
  });
}

/** where no store answers, nobody is accepted. */
export function acceptedByNobody(life: Life, history: History): Violation[] {
  if (history.allows.lookups !== 'none answered') return [];
  const { bounds, windows } = history;
  return life.lookups
    .filter(({ outcome }) => outcome.kind === 'valid')
    .filter(({ end, start }) =>
      windows.some((window) => start > window.start + bounds.health && end < window.mending),
    )
    .map((lookup) => told('A-2', lookup, 'accepted although no store could answer'));
}

/** Whether nothing can have ended it before the call was over. */
export function livesThrough(life: Life, call: Operation, history: History): boolean {
  if (life.created.end > call.start || mayHaveEnded(life, call.end)) return false;
  const lateness = latenessBetween(call.start - history.bounds.health, call.end, history);
  const [earliest] = deadlinesOf(life, call.end, lateness);
  return call.end < earliest - history.bounds.clocks;
}

function isExcused(life: Life, lookup: Operation, history: History): boolean {
  if (!touchesFault(lookup.start, lookup.end, history)) return false;
  if (!isExcusable(lookup, history.allows)) return false;
  if (lookup.verb === 'confirm') return history.allows.confirms;
  if (history.allows.lookups === 'all answered') return false;
  if (history.windows.some(({ mending }) => mending <= lookup.end)) return true;
  return history.allows.lookups !== 'cold' || !isWarm(life, lookup, history);
}

function isExcusable({ process }: Operation, { onlyIn }: Allowance): boolean {
  return onlyIn === undefined || onlyIn === process;
}

/** Whether a copy that may be used is surely there: seen before the fault, nothing changed since. */
function isWarm(life: Life, lookup: Operation, { bounds, windows }: History): boolean {
  const began = Math.max(
    ...windows.map(({ start }) => start).filter((start) => start <= lookup.end),
  );
  const seen = [life.created, ...life.lookups]
    .filter(({ end, outcome }) => SIGNED_IN.includes(outcome.kind) && end < began - SETTLED)
    .at(-1);
  if (seen === undefined || lookup.start - seen.start > bounds.fault) return false;
  // What has expired, only PostgreSQL can say.
  if (lookup.end > deadlinesOf(life, lookup.end, 0)[0] - bounds.clocks) return false;
  return ![...life.ends, ...life.extensions, ...life.changes].some(
    (change) =>
      change.end + unseenFor(change, life, bounds) >= seen.start && change.start <= lookup.end,
  );
}

/** For so long after what is typed into psql a copy of before still answers, and says nothing of one of after. */
function unseenFor({ end, verb }: Operation, { created }: Life, { health }: Bounds): number {
  return verb === 'setRole' && end >= created.start ? health : 0;
}

function unanswered(operation: Operation): Violation {
  return { ...told('A-2', operation, 'did not answer'), late: true };
}

function told(rule: Violation['rule'], operation: Operation, what: string): Violation {
  const { process, session, start, verb } = operation;
  const who = session === null ? 'a user' : `session ${session}`;
  return {
    rule,
    session,
    what: `${verb} of ${who} in process ${process} ${what} at ${Math.round(start)} ms`,
  };
}
