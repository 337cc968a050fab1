/** Names and numbers of the log-in flow. Frozen: a deployment changes them through options. */
export const AUTH_CONSTANTS = Object.freeze({
  /** How long a session lives from its log-in, in seconds: 7 days. */
  SESSION_MAX_AGE_SECONDS: 604_800,
  /** The response header that carries the session cookie. */
  SET_COOKIE_HEADER: 'Set-Cookie',
} as const);
