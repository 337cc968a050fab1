import type { NewSession, SessionCopy, SessionPolicy } from '../types/index.ts';
import { LIMITS } from './limits.ts';

/** The instants that bound a session, in milliseconds since the epoch. */
export type Life = Pick<SessionCopy, 'createdAt' | 'expiresAt' | 'absoluteExpiresAt'>;

/** What a policy says about how long a session lives. */
export type LifeRule = Pick<SessionPolicy, 'absoluteMs' | 'idle'>;

/**
 * How long a new session lives that was asked for with this ttl.
 *
 * With an idle timeout the ttl is the most that the session lives, however much it is used, and it
 * ends as soon as nobody uses it. Without one the ttl is its end, which `extendSession` may move.
 */
export function lifeOfNew(
  { absoluteMs, idle }: LifeRule,
  ttlMs: number,
): Pick<NewSession, 'ttlMs' | 'absoluteMs'> {
  if (idle === null) return { ttlMs, absoluteMs };
  return { ttlMs: Math.min(ttlMs, idle.timeoutMs), absoluteMs: Math.min(ttlMs, absoluteMs) };
}

/** How far ahead `extendSession` sets the end: no session waits longer for its next use than the idle timeout. */
export function extensionOf({ idle }: LifeRule, ttlMs: number): number {
  return idle === null ? ttlMs : Math.min(ttlMs, idle.timeoutMs);
}

/**
 * What use at `now` makes of a session's life; `null` where it changes nothing.
 *
 * Moves the end forward, at most once per update age. Draws in what is longer than the rule allows,
 * which may be past: the session was opened under another rule. An end that is less than
 * `LIMITS.FUTURE` too far ahead is none of these: another use, at a time later than `now`, has set it.
 *
 * The SQL function `session_renew` says the same; one suite runs against both.
 */
export function renewedLife(life: Life, { absoluteMs, idle }: LifeRule, now: number): Life | null {
  const { createdAt, expiresAt } = life;
  const absoluteExpiresAt = Math.min(life.absoluteExpiresAt, createdAt + absoluteMs);
  const allowed = Math.min(idle ? now + idle.timeoutMs : expiresAt, absoluteExpiresAt);
  const isTooLong =
    expiresAt - LIMITS.FUTURE > allowed || life.absoluteExpiresAt > absoluteExpiresAt;
  const isDue = idle !== null && now + idle.timeoutMs - expiresAt >= idle.updateAgeMs;
  if (!isTooLong && !(isDue && expiresAt < allowed)) return null;
  return { createdAt, expiresAt: allowed, absoluteExpiresAt };
}
