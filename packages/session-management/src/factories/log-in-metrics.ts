import { Tally } from '../tiers/tally.ts';
import type { LogInOutcome } from '../types/index.ts';
import { metricRegistry } from '../utils/metric-registry.ts';
import { processWide } from '../utils/shared.ts';

interface LogInMetrics {
  tally: Tally;
  /** How many password hashes wait. */
  waiting: () => number;
}

/** One source of a process, since a bundler may load this module twice. */
function logInMetrics(): LogInMetrics {
  return processWide('log-in-metrics', () => {
    const metrics: LogInMetrics = { tally: new Tally(), waiting: () => 0 };
    metricRegistry().add({
      counters: () => metrics.tally.counters(),
      gauges: async () => [
        { name: 'session.password_hashes.waiting', values: [], value: metrics.waiting() },
      ],
    });
    return metrics;
  });
}

/** Counts an attempt to sign in by its outcome: `session.logins`. Returns at once and never throws. */
export function countLogIn(outcome: LogInOutcome): void {
  logInMetrics().tally.count('session.logins', [outcome]);
}

/**
 * Shows how many password hashes wait for their turn: `session.password_hashes.waiting`.
 *
 * @param read - Asked whenever somebody looks; the one given last counts.
 */
export function watchHashQueue(read: () => number): void {
  logInMetrics().waiting = read;
}
