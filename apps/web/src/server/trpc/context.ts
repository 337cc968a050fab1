import { UserManagerFactory } from '@repo/session-management';
import {
  clientAddress,
  consoleLogger,
  getUserAgent,
  readCredentials,
  resolveSession,
  rotateIfDue,
} from '@repo/session-management/node';
import type { SessionContext } from '@repo/session-management/trpc';
import type { CreateNextContextOptions } from '@trpc/server/adapters/next';
import { webEnvironment } from '../../env.ts';
import { LOCALE_COOKIE, localeFor } from '../locale.ts';
import { errorMessage } from '../messages.ts';
import { cameByCookie, renewCookie } from '../session-cookie.ts';

/**
 * What every procedure knows of its request.
 *
 * Never throws for a store: then `user` is `null` and `sessionStatus` is `'unavailable'`. The calls
 * of one batch share it: each sees the session as it was when the request came in, and the next
 * request sees what they changed. tRPC refuses a batch that mixes queries and changes (400, nothing
 * of it runs), so `me` never shares a request with `logout`.
 */
export const createContext = async ({ req, res }: CreateNextContextOptions) => {
  const { cookie, trustedProxies } = webEnvironment();
  const { cookie: cookieHeader, authorization } = req.headers;
  const presented = readCredentials({ cookieHeader, authorization }, cookie.name);
  const forwardedFor = req.headers['x-forwarded-for'];
  const { remoteAddress } = req.socket;
  const locale = localeFor(req.cookies[LOCALE_COOKIE], req.headers['accept-language']);

  const userManager = await UserManagerFactory.createForContext();
  const ip = clientAddress({ remoteAddress, forwardedFor }, trustedProxies);
  const origin = { ip, userAgent: getUserAgent(req.headers) ?? '' };
  const found = await resolveSession(userManager, presented, consoleLogger, origin);
  const state = cameByCookie(req, found.sessionId)
    ? await rotateIfDue(userManager, found, (rotated) => renewCookie(res, rotated))
    : found;
  return {
    req,
    res,
    ip,
    ...state,
    presented,
    sessions: userManager,
    locale,
    getErrorMessage: (code: string) => errorMessage(code, locale),
  } satisfies SessionContext;
};
