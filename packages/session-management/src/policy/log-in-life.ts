import type { LiveSession, RealmPolicy, User } from '../types/index.ts';
import { LIFETIMES } from './limits.ts';
import { rulesOf } from './realm-policy.ts';

/** How long a log-in lives, and its cookie. Whole seconds. */
export interface LogInLife {
  /** For `createSession`. */
  ttl: number;
  /** For `sessionCookie`: `null` is a cookie that goes with the browser. */
  maxAge: number | null;
}

/**
 * What a log-in under this policy gives to `createSession` and to `sessionCookie`.
 *
 * Without an idle timeout a log-in lives 7 days, within the absolute limit; with one as long as the
 * absolute limit lets it be used. Where the policy leaves it to the visitor, its two lifetimes count.
 *
 * @param user - Whose role may have rules of its own.
 * @param remembered - What the visitor chose. Asked of no visitor unless `policy.remember` is an object.
 *
 * @example
 * const { ttl, maxAge } = logInLife(users.policy, user, input.remember);
 * const sessionId = await users.createSession(user.id, { ip, userAgent }, ttl);
 * appendSetCookie(res, sessionCookie(settings, sessionId, maxAge));
 */
export function logInLife(
  policy: RealmPolicy,
  user: Pick<User, 'role'>,
  remembered: boolean = false,
): LogInLife {
  const { absoluteMs, idle, remember } = rulesOf(policy, user.role);
  if (typeof remember === 'object') {
    return remembered
      ? { ttl: seconds(remember.longMs), maxAge: seconds(remember.longMs) }
      : { ttl: seconds(remember.shortMs), maxAge: null };
  }
  const ttl = seconds(idle === null ? Math.min(LIFETIMES.MAX_AGE, absoluteMs) : absoluteMs);
  return { ttl, maxAge: remember === 'always' ? ttl : null };
}

/**
 * The `Max-Age` of the cookie that a rotated session gets, in whole seconds, rounded up: what is left
 * of the most that the session lives. `null`, a cookie that goes with the browser, unless the policy
 * says that every cookie stays: what a visitor chose at the log-in is not in the record, and who was
 * not to be remembered must not be.
 */
export function rotatedMaxAge(policy: RealmPolicy, { session, user }: LiveSession): number | null {
  const { idle, remember } = rulesOf(policy, user.user.role);
  if (remember !== 'always') return null;
  const end = idle === null ? session.expiresAt : session.absoluteExpiresAt;
  return Math.ceil((end - session.confirmedAt) / 1_000);
}

function seconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1_000));
}
