import { LIMITS } from '../policy/limits.ts';
import {
  type LiveSession,
  type NamedSession,
  type RecordAnswer,
  RecordUnreadableError,
  type SafeUser,
  type SessionActor,
  type SessionCopy,
  SessionStoreUnavailableError,
  type UserCopy,
  type UserRole,
} from '../types/index.ts';
import type { Statement } from './postgres-sql.ts';

/** How drivers give a `bigint`. */
export type WholeNumber = string | number | bigint;

export interface UserRow {
  user_id: string;
  email: string;
  isVerified: boolean;
  role: UserRole;
  user_created: number;
  last_login: number | null;
  user_version: WholeNumber;
  user_epoch: number;
  confirmed: number;
}

export interface SessionColumns extends Pick<UserRow, 'user_id' | 'confirmed'> {
  digest: string;
  handle: string;
  realm: string;
  created: number;
  seen: number;
  authenticated: number;
  expires: number;
  absolute: number;
  ip: string;
  userAgent: string | null;
  actor_id: string | null;
  actor_handle: string | null;
  epoch: number;
  version: WholeNumber;
  /** Only a session as its previous digest knows it has the two alike. */
  in_grace: boolean | null;
  rotation_due: boolean;
  state: RecordAnswer['state'];
}

export type SessionRow = SessionColumns & UserRow;

/** What a statement says besides its rows: a standby may be behind, so its answer confirms nothing. */
interface Standing {
  standby: boolean;
}

/** A column, kept to the millisecond, as milliseconds since the epoch. In double precision, which is exact and fast here. */
function ms(column: string): string {
  return `round(date_part('epoch', ${column}) * 1000)`;
}

/** When the statement began: never later than it was. */
export const NOW = `floor(date_part('epoch', statement_timestamp()) * 1000)`;

/** The columns of a user `u`, without secrets. */
export const USER = `
  (u)."id" AS user_id, (u)."email" AS email, (u)."isVerified" AS "isVerified", (u)."role"::text AS role,
  ${ms('(u)."createdAt"')} AS user_created, ${ms('(u)."lastLoginAt"')} AS last_login,
  (u)."version" AS user_version, (u)."sessionEpoch" AS user_epoch,
  ${NOW} AS confirmed`;

/** The rule of life, said of a session `s` of a user `u`. */
export const LIVES = 'session_lives(s, (u)."sessionEpoch")';

/** The columns of a session `s` of a user `u`, and whether it lives. */
const OF_SESSION = `
  (s)."digest" AS digest, (s)."id" AS handle, (s)."realm" AS realm,
  ${ms('(s)."createdAt"')} AS created, ${ms('(s)."lastSeenAt"')} AS seen,
  ${ms('(s)."authenticatedAt"')} AS authenticated, ${ms('(s)."expiresAt"')} AS expires,
  ${ms('(s)."absoluteExpiresAt"')} AS absolute, coalesce((s)."ip", '') AS ip,
  (s)."userAgent" AS "userAgent", (s)."actorId" AS actor_id, (s)."actorHandle" AS actor_handle,
  (s)."epoch" AS epoch, (s)."version" AS version,
  (s)."digest" = (s)."previousDigest" AS in_grace, (s)."rotationDue" AS rotation_due,
  CASE WHEN (s)."id" IS NULL THEN 'unknown' WHEN ${LIVES} THEN 'live'
    WHEN (s)."revokedAt" IS NULL AND (s)."expiresAt" <= statement_timestamp() THEN 'expired'
    WHEN (s)."revokedReason" = 'past-grace' THEN 'past-grace' ELSE 'revoked' END AS state,
  pg_is_in_recovery() AS standby`;

/** The columns of a session `s` and its user `u`, and whether it lives. */
export const SESSION = `${OF_SESSION},${USER}`;

/** The same for one line of a list: whose it is, the caller knows. */
export const LISTED = `${OF_SESSION}, (s)."label" AS label, (s)."userId" AS user_id, ${NOW} AS confirmed`;

/** How long the digest of before a rotation is honoured, as an interval. */
export const GRACE = `interval '${LIMITS.ROTATION_GRACE} milliseconds'`;

/**
 * One row for each digest asked, found or not; previous digests are looked at where no session has it
 * now. The inner SELECT hides the array's length from the planner: seeing it, it would plan anew at
 * each call, which costs more than the lookup.
 */
export const READ: Statement = {
  name: 'session_read',
  text: `SELECT asked.digest AS asked, ${SESSION}
    FROM unnest((SELECT $1::text[])) AS asked(digest)
    LEFT JOIN LATERAL (
      SELECT now FROM "Session" now WHERE now."digest" = asked.digest
      UNION ALL SELECT session_before(old, ${GRACE}) FROM "Session" old WHERE old."previousDigest" = asked.digest
      LIMIT 1
    ) known(s) ON true
    LEFT JOIN "User" u ON u."id" = (known.s)."userId"`,
};

/** The rows as they are. @throws {SessionStoreUnavailableError} when they are a standby's. */
export function fromPrimary<Row extends object>(
  operation: string,
  rows: readonly (Row & Standing)[],
): Row[] {
  if (rows.some(({ standby }) => standby)) {
    throw new SessionStoreUnavailableError('postgres', operation, new Error('this is a standby'));
  }
  return [...rows];
}

export function answerOf(row: SessionRow): RecordAnswer {
  if (row.state === 'live') return { state: 'live', live: liveSessionOf(row) };
  const { state } = row;
  return state === 'expired' || state === 'past-grace'
    ? { state, session: nameOf(row) }
    : { state };
}

export function nameOf(row: Pick<SessionRow, 'handle' | 'realm' | 'user_id'>): NamedSession {
  return { userId: row.user_id, realm: row.realm, handle: row.handle };
}

export function liveSessionOf(row: SessionRow): LiveSession {
  return { session: sessionCopyOf(row), user: userCopyOf(row) };
}

export function sessionCopyOf(row: SessionColumns): SessionCopy {
  const copy: SessionCopy = {
    digest: row.digest,
    handle: row.handle,
    userId: row.user_id,
    realm: row.realm,
    createdAt: row.created,
    authenticatedAt: row.authenticated,
    expiresAt: row.expires,
    absoluteExpiresAt: row.absolute,
    ip: row.ip,
    userAgent: row.userAgent,
    actor: actorOf(row),
    epoch: row.epoch,
    version: wholeNumber(row.version),
    confirmedAt: row.confirmed,
  };
  if (row.in_grace === true) copy.inGrace = true;
  if (row.rotation_due) copy.rotationDue = true;
  return copy;
}

function actorOf({ actor_handle: handle, actor_id: userId }: SessionColumns): SessionActor | null {
  return userId === null || handle === null ? null : { userId, handle };
}

export function userCopyOf(row: UserRow): UserCopy {
  return {
    user: safeUserOf(row),
    version: wholeNumber(row.user_version),
    sessionEpoch: row.user_epoch,
    confirmedAt: row.confirmed,
  };
}

export function safeUserOf(row: UserRow): SafeUser {
  return {
    id: row.user_id,
    email: row.email,
    isVerified: row.isVerified,
    role: row.role,
    createdAt: new Date(row.user_created),
    lastLoginAt: row.last_login === null ? null : new Date(row.last_login),
  };
}

export function wholeNumber(value: WholeNumber): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RecordUnreadableError('a version');
  return number;
}
