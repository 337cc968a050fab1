import type { HeldUser, LiveSession } from '../types/index.ts';
import { isExpired } from './expiry.ts';
import { LIMITS, type Timing } from './limits.ts';

/** What was found in the fast store; `skipped` when it was not asked. */
export type CopyReading =
  | { state: 'hit'; live: LiveSession; held: HeldUser }
  /** `held`: what stands under the user's key; `null`: nothing that could be read. */
  | { state: 'miss'; held?: HeldUser | null }
  | { state: 'tombstone' | 'error' | 'skipped' };

/** How far a copy may be believed. */
export type CopyStanding = 'fresh' | 'stale' | 'untrusted' | 'tombstone';

/** What to do next. `ask` = ask the record; `unavailable` = nobody can say. */
export type Step = 'active' | 'revoked' | 'ask' | 'unavailable';

/**
 * How far a reading may be believed at `now`, PostgreSQL's instant (`null` when this process does
 * not know it yet). A copy says "active" or "revoked" only: expired and unknown are the record's words.
 */
export function standingOf(
  reading: CopyReading,
  now: number | null,
  { F, G }: Pick<Timing, 'F' | 'G'> = LIMITS,
): CopyStanding {
  if (reading.state === 'tombstone') return 'tombstone';
  if (reading.state !== 'hit' || now === null) return 'untrusted';

  const { confirmedAt, expiresAt } = reading.live.session;
  if (isExpired(expiresAt, now)) return 'untrusted';
  if (confirmedAt > now + LIMITS.FUTURE) return 'untrusted';

  const age = now - confirmedAt;
  if (age <= F) return 'fresh';
  return age <= F + G ? 'stale' : 'untrusted';
}

/** The fault table: what to do with a copy of this standing while the record is up or down. */
const ORDER: Record<CopyStanding, Record<'up' | 'down', Step>> = {
  fresh: { up: 'active', down: 'active' },
  stale: { up: 'ask', down: 'active' },
  untrusted: { up: 'ask', down: 'unavailable' },
  tombstone: { up: 'revoked', down: 'revoked' },
};

export function nextStep(standing: CopyStanding, record: 'up' | 'down'): Step {
  return ORDER[standing][record];
}
