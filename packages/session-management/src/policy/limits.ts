import { AUTH_CONSTANTS } from '@repo/constants';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/**
 * How far the system may be behind the truth. All in milliseconds.
 *
 * `F`: how old a confirmation may be while PostgreSQL works. `G`: how much longer while it does
 * not. `W`: how long anything that ends or changes a copy is remembered. `D`: how long a lookup
 * may take.
 */
export const LIMITS = Object.freeze({
  F: 30 * SECOND,
  G: 5 * MINUTE,
  W: 30 * SECOND + 5 * MINUTE + MINUTE,
  /** Deadline of a lookup. */
  D: 800,
  /** A copy confirmed further ahead than this counts as unconfirmed. */
  FUTURE: SECOND,
  /** How long the key of a user lives; it is written anew from the half of that on. */
  USER_KEY: 60 * MINUTE,
  /** How long a change of a user who has no key keeps out what was read before it. */
  MARKER: 5 * SECOND,
  /** An answer of the record that was asked for longer ago is written to no copy. */
  FILL: SECOND,
  /** What stands in a copy gives way to what the record confirmed so long after that was written, whatever the version. */
  SETTLED: 2 * SECOND,
  /** How long "unknown", said by PostgreSQL, is remembered in one process. */
  UNKNOWN: SECOND,
  /** `lastSeenAt` moves at most once in this time. */
  TOUCH: MINUTE,
  /** An end that waits for the record is kept so long at most. */
  INTENTS: DAY,
  /** How long an administrator acts in the place of a user at most. */
  IMPERSONATION: 60 * MINUTE,
  /** How long the sessionId of before a rotation is honoured. */
  ROTATION_GRACE: 10 * SECOND,
  /** Ended records are kept this long before `cleanup` deletes them. */
  KEEP_ENDED: DAY,
});

/** How far behind the truth one deployment may be: {@link LIMITS} unless told. In milliseconds. */
export interface Timing {
  F: number;
  G: number;
  D: number;
}

/** Lifetimes of realm `web`, in milliseconds. */
export const LIFETIMES = Object.freeze({
  MAX_AGE: AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS * SECOND,
  ABSOLUTE: 30 * DAY,
});

/** Most users that `getAll` returns. */
export const MAX_ALL_USERS = 10_000;

/** What a list gives where nothing else is told. */
export const FIRST_PAGE = { after: null, limit: 1_000 } as const;

export const DEFAULT_REALM = 'web';
