import type { PostgresSessionAdapter } from '../adapters/postgres-session-adapter.ts';
import { within } from '../tiers/deadline.ts';
import type { FastStoreMasters, MasterTrust, StoreClock } from '../types/index.ts';
import { type AgreedClock, monotonicClock } from '../utils/clock.ts';

/* What is asked of the stores beside the requests of visitors. */

/** A digest of nobody. */
const NOBODY = 'nobody';

/**
 * Whether a primary answers what lookups ask. A server that only tells the time may still hold every
 * statement at a lock: it would be let in, and given up, again and again.
 */
export async function readsAgain(records: PostgresSessionAdapter): Promise<void> {
  await records.ping();
  await records.read([NOBODY]);
}

/** Whether every key has its master, and what all of them say counts by now. */
export async function trustsPresent(
  trust: MasterTrust,
  masters: FastStoreMasters,
  clock: StoreClock,
): Promise<boolean> {
  try {
    const { isAll, names } = await masters.present();
    const now = clock.now() ?? Number.NEGATIVE_INFINITY;
    return isAll && names.every((name) => (trust.sinceOf(name) ?? Infinity) <= now);
  } catch {
    return false;
  }
}

/** Takes PostgreSQL's time, if it answers within so many milliseconds. */
export async function learnTime(
  records: PostgresSessionAdapter,
  clock: AgreedClock,
  withinMs: number,
): Promise<boolean> {
  const sentAt = monotonicClock.now();
  try {
    clock.observe(await within(withinMs, 'postgres', 'start', records.ping()), sentAt);
    return true;
  } catch {
    return false;
  }
}
