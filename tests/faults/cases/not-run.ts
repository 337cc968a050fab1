import { type Fault, UNHARMED } from '../harness/fault.ts';

/** What this suite does not play, and where or why. They stand in the table and never pass. */
export const NOT_RUN: readonly Fault[] = [
  missing(
    'F-34',
    'a storm of 500 log-ins a second',
    'it asks for more than the two cores that all of this shares',
  ),
  missing('F-35', 'the limiter of log-ins loses its store', 'nothing here limits log-ins'),
];

function missing(id: string, title: string, reason: string): Fault {
  const nothing = () => Promise.resolve();
  return {
    id,
    title,
    promise: '',
    allows: UNHARMED,
    lacks: () => reason,
    inject: nothing,
    heal: nothing,
  };
}
