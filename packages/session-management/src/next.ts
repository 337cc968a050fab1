export { auth, getSessionState } from './factories/next-session.ts';
export type { SessionState, SessionStatus } from './factories/request-session.ts';
export { type LogInLife, logInLife } from './policy/log-in-life.ts';
export { type CookiePlace, type CookieSettings, cookieSettings } from './web/cookie.ts';
