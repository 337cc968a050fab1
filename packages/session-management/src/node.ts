export { countLogIn, watchHashQueue } from './factories/log-in-metrics.ts';
export {
  authenticate,
  resolveSession,
  type SessionState,
  type SessionStatus,
} from './factories/request-session.ts';
export { rotateIfDue } from './factories/rotate-if-due.ts';
export { type LogInLife, logInLife } from './policy/log-in-life.ts';
export type { LogInOutcome } from './types/metrics.ts';
export { consoleLogger } from './utils/logger.ts';
export {
  clientAddress,
  parseTrustedProxies,
  type TrustedProxies,
  UNKNOWN_ADDRESS,
} from './web/client-address.ts';
export {
  appendSetCookie,
  type CookiePlace,
  type CookieSettings,
  clearedCookie,
  cookieSettings,
  isLoopback,
  sessionCookie,
} from './web/cookie.ts';
export { readCredentials } from './web/credentials.ts';
export { NO_STORE } from './web/no-store.ts';
export { type OriginEvidence, type OriginRefusal, sameOriginRefusal } from './web/same-origin.ts';
export { getUserAgent } from './web/user-agent.ts';
