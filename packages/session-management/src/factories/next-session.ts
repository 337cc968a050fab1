import { headers } from 'next/headers.js';
import { type SafeUser, type Session, SessionStoreUnavailableError } from '../types/index.ts';
import type { CookieSettings } from '../web/cookie.ts';
import { authenticateHeaders, type SessionState } from './request-session.ts';

/**
 * Who asks, in a server component, server action or route handler of the App Router.
 *
 * Writes nothing, so it works where Next.js forbids cookies to be set.
 * @param cookie - Must be the settings that the cookie was made with.
 * @param ip - The client's address, for a realm that binds sessions to it; Next.js does not tell it.
 */
export async function getSessionState(cookie?: CookieSettings, ip?: string): Promise<SessionState> {
  return authenticateHeaders(await headers(), cookie, ip);
}

/**
 * The session and its user, or `null` when nobody is signed in.
 * @throws {SessionStoreUnavailableError} when no store can say. That is not "signed out".
 */
export async function auth(
  cookie?: CookieSettings,
  ip?: string,
): Promise<{ session: Session; user: SafeUser } | null> {
  const state = await getSessionState(cookie, ip);
  if (state.sessionStatus === 'unavailable') {
    throw new SessionStoreUnavailableError('postgres', 'auth');
  }
  return state.sessionStatus === 'active' ? { session: state.session, user: state.user } : null;
}
