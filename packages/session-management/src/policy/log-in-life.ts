import type { RealmPolicy, User } from '../types/index.ts';
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

function seconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1_000));
}
