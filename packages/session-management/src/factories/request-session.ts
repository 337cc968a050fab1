import type { IncomingMessage } from 'node:http';
import {
  hasCode,
  type Logger,
  type RequestOrigin,
  type SafeUser,
  type Session,
  type SessionManagerInterface,
} from '../types/index.ts';
import { monotonicClock } from '../utils/clock.ts';
import { getEnvironment } from '../utils/environment.ts';
import { consoleLogger } from '../utils/logger.ts';
import { type CookieSettings, cookieSettings } from '../web/cookie.ts';
import { readCredentials } from '../web/credentials.ts';
import { getUserAgent } from '../web/user-agent.ts';
import { UserManagerFactory } from './user-manager-factory.ts';

/**
 * Who sends a request, as far as it is known.
 *
 * `active`: `user` and `session` are set. `none`: nobody is signed in. `unavailable`: no store
 * could say; the visitor is not signed out, answer 503 and leave the cookie alone.
 */
export type SessionState =
  | { sessionStatus: 'active'; user: SafeUser; session: Session; sessionId: string }
  | { sessionStatus: 'none' | 'unavailable'; user: null; session: null; sessionId: string | null };

export type SessionStatus = SessionState['sessionStatus'];

/**
 * Finds the session among the sessionIds that a request presents; the first live one counts.
 *
 * `sessionId` is that one, else the first presented, else `null`. Without any, no store is asked.
 * An outage is an answer here (`unavailable`, one log line a second) and is never thrown.
 *
 * @param metadata - Where the request comes from, for a realm that binds its sessions.
 */
export async function resolveSession(
  manager: Pick<SessionManagerInterface, 'validateSession'>,
  candidates: readonly string[],
  logger: Pick<Logger, 'error'> = consoleLogger,
  metadata?: RequestOrigin,
): Promise<SessionState> {
  const nobody = { user: null, session: null, sessionId: candidates[0] ?? null };
  try {
    for (const sessionId of candidates) {
      const found = await manager.validateSession(sessionId, { metadata });
      if (found.status !== 'active') continue;
      return { sessionStatus: 'active', user: found.user, session: found.session, sessionId };
    }
    return { sessionStatus: 'none', ...nobody };
  } catch (error) {
    if (!hasCode(error, 'STORE_UNAVAILABLE')) throw error;
    tellOutage(logger);
    return { sessionStatus: 'unavailable', ...nobody };
  }
}

/** At most one line in this time, in milliseconds, however many requests an outage meets. */
const TELL_EVERY = 1_000;
let toldAt = Number.NEGATIVE_INFINITY;
let untold = 0;

function tellOutage(logger: Pick<Logger, 'error'>): void {
  const now = monotonicClock.now();
  if (now - toldAt < TELL_EVERY) {
    untold += 1;
    return;
  }
  logger.error('Session validation error', { code: 'STORE_UNAVAILABLE', untold });
  toldAt = now;
  untold = 0;
}

/**
 * Who sends this Node request. Reads the session cookie, then `Authorization: Bearer`.
 *
 * @param cookie - Must be the settings that the cookie was made with. Unless told: those of a
 *   deployment without a public address, which are `Secure` in production.
 * @param ip - The client's address, for a realm that binds sessions to it: `clientAddress` finds it.
 *   The `User-Agent` is read here.
 */
export function authenticate(
  request: Pick<IncomingMessage, 'headers'>,
  cookie: CookieSettings = defaultCookie(),
  ip?: string,
): Promise<SessionState> {
  const { headers } = request;
  const { cookie: cookieHeader, authorization } = headers;
  const origin = () => ({ ip, userAgent: getUserAgent(headers) ?? '' });
  return authenticateCredentials({ cookieHeader, authorization }, cookie, origin);
}

/** As {@link authenticate}, for a `Request` of the Fetch standard. */
export function authenticateFetch(
  request: Pick<Request, 'headers'>,
  cookie: CookieSettings = defaultCookie(),
  ip?: string,
): Promise<SessionState> {
  return authenticateHeaders(request.headers, cookie, ip);
}

/** As {@link authenticate}, from headers alone. */
export function authenticateHeaders(
  headers: Pick<Headers, 'get'>,
  cookie: CookieSettings = defaultCookie(),
  ip?: string,
): Promise<SessionState> {
  const credentials = {
    cookieHeader: headers.get('cookie'),
    authorization: headers.get('authorization'),
  };
  const origin = () => ({
    ip,
    userAgent: getUserAgent({ 'user-agent': headers.get('user-agent') ?? '' }) ?? '',
  });
  return authenticateCredentials(credentials, cookie, origin);
}

/** The origin is read only where the realm wants to know it. */
async function authenticateCredentials(
  headers: Parameters<typeof readCredentials>[0],
  cookie: CookieSettings,
  origin: () => RequestOrigin,
): Promise<SessionState> {
  const manager = await UserManagerFactory.createForContext();
  const metadata = manager.policy.binding === null ? undefined : origin();
  return resolveSession(manager, readCredentials(headers, cookie.name), consoleLogger, metadata);
}

function defaultCookie(): CookieSettings {
  return cookieSettings({ production: getEnvironment() === 'production' });
}
