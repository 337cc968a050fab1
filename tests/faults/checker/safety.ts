import type { History, Operation, Violation } from '../harness/history.ts';
import { deadlinesOf, type Life, surelyEnds } from './lives.ts';
import { latenessBetween } from './windows.ts';

const FINAL = ['revoked', 'expired'];

/**
 * S-1: what was acknowledged as ended is refused, at once by the process that ended it, by others
 * within the bound. S-5: with `confirm` at once by all, whatever is broken.
 */
export function revocation(life: Life, history: History): Violation[] {
  const ends = life.ends.filter((end) => surelyEnds(end, life));
  return validOf(life).flatMap((lookup) => {
    const rule = lookup.verb === 'confirm' ? 'S-5' : 'S-1';
    return ends
      .filter((end) => lookup.start > end.end + allowedAfter(end, lookup, history))
      .map((end) => broken(rule, life, lookup, `ended by ${end.verb} ${lateBy(end, lookup)}`));
  });
}

/** S-2: nobody is accepted when the time of the session is surely up. */
export function expiry(life: Life, history: History): Violation[] {
  return validOf(life).flatMap((lookup) => {
    const lateness = latenessBetween(lookup.start - history.bounds.health, lookup.start, history);
    const [, latest] = deadlinesOf(life, lookup.start, lateness);
    const over = lookup.start - latest - history.bounds.clocks;
    return over > 0 ? [broken('S-2', life, lookup, `${Math.round(over)} ms past its time`)] : [];
  });
}

/** S-3: what was refused as ended stays refused: by the same process at once, by others after F. */
export function noReturn(life: Life, history: History): Violation[] {
  const refusals = life.lookups.filter(
    ({ outcome }) => outcome.kind === 'invalid' && FINAL.includes(outcome.reason),
  );
  return validOf(life).flatMap((lookup) => {
    const earlier = refusals.find(
      ({ end, process }) =>
        lookup.start > end + (process === lookup.process ? 0 : history.bounds.fault),
    );
    return earlier ? [broken('S-3', life, lookup, `refused before by ${earlier.process}`)] : [];
  });
}

/** S-4: a session signs in its own user. */
export function identity(life: Life): Violation[] {
  return validOf(life)
    .filter(({ outcome }) => outcome.kind === 'valid' && outcome.userId !== life.userId)
    .map((lookup) => broken('S-4', life, lookup, 'as another user'));
}

function allowedAfter(end: Operation, lookup: Operation, history: History): number {
  if (lookup.verb === 'confirm' || lookup.process === end.process) return 0;
  return latenessBetween(end.end, lookup.start, history);
}

function validOf(life: Life): Operation[] {
  return life.lookups.filter(({ outcome }) => outcome.kind === 'valid');
}

function lateBy(end: Operation, lookup: Operation): string {
  return `${Math.round(lookup.start - end.end)} ms before, in process ${end.process}`;
}

function broken(rule: Violation['rule'], life: Life, lookup: Operation, why: string): Violation {
  const { process, start, verb } = lookup;
  const what = `session ${life.session} accepted by ${verb} in process ${process}`;
  return { rule, session: life.session, what: `${what} at ${Math.round(start)} ms: ${why}` };
}
