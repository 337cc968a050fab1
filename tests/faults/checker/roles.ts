import type { History, Operation, Violation } from '../harness/history.ts';
import { isLookup } from './lookups.ts';
import { latenessBetween } from './windows.ts';

/**
 * P-2: a lookup tells a role that the user has or had a bound ago: none from before an
 * acknowledged change, at once with `confirm`, and none that is still to come.
 */
export function roles(history: History): Violation[] {
  const changes = changesByUser(history.operations);
  return history.operations.filter(isLookup).flatMap((lookup) => {
    const { outcome, process, start, verb } = lookup;
    if (outcome.kind !== 'valid') return [];
    const possible = rolesAt(lookup, changes.get(outcome.userId) ?? [], history);
    if (possible.size === 0 || possible.has(outcome.role)) return [];
    const what = `${verb} in process ${process} told ${outcome.role} at ${Math.round(start)} ms`;
    return [{ rule: 'P-2', what: `${what}, not ${[...possible].join(' or ')}` }];
  });
}

function rolesAt(lookup: Operation, changes: readonly Operation[], history: History): Set<string> {
  const begun = changes.filter(({ start }) => start <= lookup.end);
  const shown = begun.filter(
    (change) => change.outcome.kind === 'ack' && mustShow(change, lookup, history),
  );
  const possible = begun.filter((change) => !shown.some((later) => replaces(later, change)));
  return new Set(possible.flatMap(({ role }) => role ?? []));
}

function mustShow({ end }: Operation, lookup: Operation, history: History): boolean {
  if (lookup.verb === 'confirm') return lookup.start > end;
  // In the final count all has healed.
  const { health } = history.bounds;
  return lookup.start > end + (lookup.audit ? health : latenessBetween(end, lookup.start, history));
}

/** What got no answer may take effect at any later moment. */
function replaces(later: Operation, earlier: Operation): boolean {
  return earlier.outcome.kind === 'ack' && later.start >= earlier.end;
}

function changesByUser(operations: readonly Operation[]): Map<string, Operation[]> {
  const changes = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.verb !== 'setRole') continue;
    changes.set(operation.userId, [...(changes.get(operation.userId) ?? []), operation]);
  }
  return changes;
}
