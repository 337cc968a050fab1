import type { History, Operation, Violation } from '../harness/history.ts';
import { livesThrough } from './availability.ts';
import { type Life, surelyEnds } from './lives.ts';

/** D-1: once all is mended, what was acknowledged holds in every process. */
export function durability(life: Life, history: History): Violation[] {
  const count = finalCount(life);
  const ended = life.ends.some((end) => surelyEnds(end, life));
  const wrong = ended
    ? count.filter(({ outcome }) => outcome.kind !== 'invalid')
    : count.filter((call) => livesThrough(life, call, history) && call.outcome.kind !== 'valid');
  const promise = ended ? 'its acknowledged end' : 'its acknowledged creation';
  return wrong.map(({ outcome, process, verb }) => ({
    rule: 'D-1',
    session: life.session,
    what: `session ${life.session} lost ${promise}: ${outcome.kind} by ${verb} in ${process}`,
  }));
}

/** U-1: what nobody knew the outcome of came out one way, the same for all. */
export function settling(life: Life): Violation[] {
  const answers = new Set(finalCount(life).map(({ outcome }) => outcome.kind));
  const isOpen = life.ends.some(({ outcome }) => outcome.kind !== 'ack');
  if (!isOpen || answers.size <= 1) return [];
  return [
    {
      rule: 'U-1',
      session: life.session,
      what: `session ${life.session} is ${[...answers].join(' and ')} at once`,
    },
  ];
}

/** D-1: the two stores agree. */
export function agreement({ disagreements }: History): Violation[] {
  return disagreements.map((what) => ({ rule: 'D-1', what }));
}

/** Without the questions that were asked again, since nobody answered them: A-2 tells of those. */
function finalCount({ lookups }: Life): Operation[] {
  const count = lookups.filter(({ audit }) => audit);
  return count.filter(({ end, outcome, process, verb }) => {
    const isAskedAgain = count.some(
      (later) => later.process === process && later.verb === verb && later.start >= end,
    );
    return outcome.kind !== 'unknown' || !isAskedAgain;
  });
}
