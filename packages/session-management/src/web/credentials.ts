import { isPresentable } from '../policy/session-id.ts';

/** The headers that may carry a sessionId. */
export interface CredentialHeaders {
  cookieHeader: string | null | undefined;
  authorization: string | null | undefined;
}

/** Most sessionIds of one request that are looked at; a browser sends one, a planted cookie makes two. */
const MOST_CANDIDATES = 4;

/** RFC 9110: the scheme in any case, then spaces. RFC 6750: a b64token. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * The sessionIds that a request presents: cookies of our exact name in their order, then a bearer token.
 *
 * A browser may send two cookies of one name (a parent domain, an older path), so every reader gets
 * all of them: any valid one signs in, and a log-out ends each. At most four, no doubles, and
 * nothing that cannot be a sessionId; such values sign nobody in and touch no store.
 */
export function readCredentials(headers: CredentialHeaders, cookieName: string): string[] {
  const presented = [
    ...cookieValues(headers.cookieHeader ?? '', cookieName),
    ...bearerTokens(headers.authorization ?? ''),
  ];
  return [...new Set(presented.filter(isPresentable))].slice(0, MOST_CANDIDATES);
}

/** Values as they stand: quotes are part of a value (RFC 6265), nothing is decoded. */
function cookieValues(header: string, cookieName: string): string[] {
  return header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== cookieName) return [];
    return [pair.slice(at + 1).trim()];
  });
}

function bearerTokens(header: string): string[] {
  const token = BEARER.exec(header.trim())?.[1];
  return token === undefined ? [] : [token];
}
