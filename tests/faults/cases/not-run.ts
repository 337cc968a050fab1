import { type Fault, UNHARMED } from '../harness/fault.ts';

/** What this suite does not play, and where or why. They stand in the table and never pass. */
export const NOT_RUN: readonly Fault[] = [
  missing('F-31', 'old and new entries side by side', 'there is one form of entries so far'),
  missing('F-34', 'a storm of log-ins', 'passwords are hashed by apps/web, not by the package'),
  missing('F-35', 'the limiter loses its store', 'the limiter is in apps/web, not in the package'),
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
