import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';
import { isLocale, LOCALES, type Locale } from '../texts/locale.ts';

/** Holds the language that a visitor has chosen by the switch. No session, so no `__Host-`. */
export const LOCALE_COOKIE = 'locale';

const CHOSEN = new RegExp(`(?:^|;) *${LOCALE_COOKIE}=([^; ]*)`);

const A_YEAR = 31_536_000;

/** The language of an answer: what the visitor has chosen, otherwise what the browser asks for. */
export function localeFor(chosen: string | undefined, acceptLanguage: string | undefined): Locale {
  return isLocale(chosen) ? chosen : negotiateLocale(acceptLanguage);
}

/** The same for a request whose cookies nobody has read. */
export function localeOfRequest(headers: IncomingHttpHeaders): Locale {
  const [, chosen] = CHOSEN.exec(headers.cookie ?? '') ?? [];
  return localeFor(chosen, headers['accept-language']);
}

/** The `Set-Cookie` line that keeps a choice for a year. Scripts may read it: it is no secret. */
export function localeCookie(locale: Locale, secure: boolean): string {
  const line = `${LOCALE_COOKIE}=${locale}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax`;
  return secure ? `${line}; Secure` : line;
}

/**
 * The language of the answer by `Accept-Language` (RFC 9110): the supported one with the highest
 * weight, the first of equals; English where none is wanted.
 */
export function negotiateLocale(acceptLanguage: string | undefined): Locale {
  const headers = { 'accept-language': acceptLanguage ?? '' };
  const wanted = new Negotiator({ headers }).language([...LOCALES]);
  return isLocale(wanted) ? wanted : 'en';
}
