import { AUTH_CONSTANTS } from '@repo/constants';

/** The two forms of the session cookie. A `__Host-` cookie cannot be planted by a sibling host. */
export interface CookieSettings {
  name: 'sessionId' | '__Host-sessionId';
  secure: boolean;
}

/** What the settings follow from. Both come from the configuration, never from a request. */
export interface CookiePlace {
  /** Address under which visitors reach the application, such as `https://app.example`. */
  publicUrl?: string | undefined;
  production: boolean;
}

/** The part of a Node response that carries headers. */
export interface HeaderWriter {
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string | readonly string[]): unknown;
}

const COOKIE_OCTETS = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** `Secure` and `__Host-` where the public address is https, and in production unless its host is a loopback. */
export function cookieSettings({ publicUrl, production }: CookiePlace): CookieSettings {
  const address = publicUrl === undefined ? null : new URL(publicUrl);
  const secure =
    address?.protocol === 'https:' || (production && !(address && isLoopback(address.hostname)));
  return secure ? { name: '__Host-sessionId', secure } : { name: 'sessionId', secure };
}

/** Whether a host name, as `URL.hostname` gives it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/**
 * The `Set-Cookie` line that hands a sessionId to the browser.
 *
 * @param maxAgeSeconds - Whole seconds, at least 0; `null`: the cookie goes with the browser.
 * @throws {TypeError} for a value that a cookie cannot carry; the message does not hold it.
 */
export function sessionCookie(
  settings: CookieSettings,
  sessionId: string,
  maxAgeSeconds: number | null,
): string {
  if (!COOKIE_OCTETS.test(sessionId)) throw new TypeError('a sessionId is made of cookie-octets');
  if (maxAgeSeconds !== null && !(Number.isSafeInteger(maxAgeSeconds) && maxAgeSeconds >= 0)) {
    throw new TypeError('Max-Age is a whole number of seconds, at least 0');
  }
  const age = maxAgeSeconds === null ? '' : ` Max-Age=${maxAgeSeconds};`;
  const line = `${settings.name}=${sessionId}; HttpOnly; Path=/;${age} SameSite=Lax`;
  return settings.secure ? `${line}; Secure` : line;
}

/** The line that removes the cookie: the same name and attributes, no value, no age. */
export function clearedCookie(settings: CookieSettings): string {
  return sessionCookie(settings, '', 0);
}

/**
 * Adds a `Set-Cookie` line to a response. Other cookies stay; an earlier line of the same name goes,
 * so that a browser is told one thing about it.
 */
export function appendSetCookie(response: HeaderWriter, line: string): void {
  const name = nameOf(line);
  const kept = linesOf(response).filter((other) => nameOf(other) !== name);
  response.setHeader(AUTH_CONSTANTS.SET_COOKIE_HEADER, [...kept, line]);
}

function linesOf(response: HeaderWriter): string[] {
  const current = response.getHeader(AUTH_CONSTANTS.SET_COOKIE_HEADER);
  if (current === undefined) return [];
  return Array.isArray(current) ? current.map(String) : [String(current)];
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf('=')).trim();
}
