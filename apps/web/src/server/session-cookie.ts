import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RotatedSession } from '@repo/session-management';
import { appendSetCookie, readCredentials, sessionCookie } from '@repo/session-management/node';
import { webEnvironment } from '../env.ts';

/** Whether a sessionId came by its cookie: who signs in by a bearer token looks for no new one. */
export function cameByCookie(
  { headers }: Pick<IncomingMessage, 'headers'>,
  sessionId: string | null,
): boolean {
  const { cookie } = webEnvironment();
  const byCookie = { cookieHeader: headers.cookie, authorization: undefined };
  return sessionId !== null && readCredentials(byCookie, cookie.name).includes(sessionId);
}

/** Hands the browser the new sessionId of the session that it has. */
export function renewCookie(
  response: Pick<ServerResponse, 'getHeader' | 'setHeader'>,
  { maxAgeSeconds, sessionId }: RotatedSession,
): void {
  appendSetCookie(response, sessionCookie(webEnvironment().cookie, sessionId, maxAgeSeconds));
}
