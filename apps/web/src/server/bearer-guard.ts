import { createHash, timingSafeEqual } from 'node:crypto';
import { NO_STORE } from '@repo/session-management/node';

/**
 * The answer to who may not see a page for machines; `null` for who may.
 *
 * @param token - What `Authorization: Bearer` must carry. Without one there is no such page: 404.
 */
export function refusedBearer({ headers }: Request, token: string | undefined): Response | null {
  if (token === undefined) return emptyAnswer(404);
  if (carriesToken(headers.get('authorization'), token)) return null;
  return emptyAnswer(401, { 'WWW-Authenticate': 'Bearer' });
}

/** A status without a body, which nobody keeps. */
export function emptyAnswer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { 'Cache-Control': NO_STORE, ...headers } });
}

/** In a time that tells nothing of the token. */
function carriesToken(authorization: string | null, token: string): boolean {
  const presented = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digestOf(presented), digestOf(token));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
