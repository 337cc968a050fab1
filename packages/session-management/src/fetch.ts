export {
  authenticateFetch as authenticate,
  type SessionState,
  type SessionStatus,
} from './factories/request-session.ts';
export { rotateIfDue } from './factories/rotate-if-due.ts';
export { type LogInLife, logInLife } from './policy/log-in-life.ts';
export {
  type CookiePlace,
  type CookieSettings,
  clearedCookie,
  cookieSettings,
  sessionCookie,
} from './web/cookie.ts';
export { NO_STORE } from './web/no-store.ts';
export { type OriginEvidence, type OriginRefusal, sameOriginRefusal } from './web/same-origin.ts';
export { getUserAgent } from './web/user-agent.ts';
