import type { SessionLimit } from '../types/index.ts';

interface Aged {
  handle: string;
  createdAt: number;
  lastSeenAt: number;
}

/**
 * Which of a user's live sessions a log-in ends to stay within the limit; `null` when the rule
 * refuses the log-in instead.
 */
export function sessionsOver<Session extends Aged>(
  live: readonly Session[],
  { most, rule }: SessionLimit,
): Session[] | null {
  const over = live.length + 1 - most;
  if (over <= 0) return [];
  if (rule === 'reject-new') return null;

  const age = rule === 'end-oldest' ? 'createdAt' : 'lastSeenAt';
  return [...live]
    .sort((one, other) => one[age] - other[age] || (one.handle < other.handle ? -1 : 1))
    .slice(0, over);
}
