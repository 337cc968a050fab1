import { LIMITS } from '../policy/limits.ts';
import type { RecordAnswer, UserRole } from '../types/index.ts';

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

/** What a session says to its user; whose it is and in which realm, whoever lists it knows. */
export interface FactColumns {
  handle: string;
  created: number;
  authenticated: number;
  expires: number;
  absolute: number;
  ip: string;
  userAgent: string | null;
  actor_id: string | null;
  actor_handle: string | null;
  rotation_due: boolean;
}

export interface SessionColumns extends FactColumns, Pick<UserRow, 'user_id' | 'confirmed'> {
  digest: string;
  realm: string;
  epoch: number;
  version: WholeNumber;
  /** Only a session as its previous digest knows it has the two alike. */
  in_grace: boolean | null;
  state: RecordAnswer['state'];
}

export interface ListedColumns extends FactColumns {
  seen: number;
  label: string | null;
}

export type SessionRow = SessionColumns & UserRow;

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

const STANDBY = 'pg_is_in_recovery() AS standby';

const FACTS = `
  (s)."id" AS handle, ${ms('(s)."createdAt"')} AS created,
  ${ms('(s)."authenticatedAt"')} AS authenticated, ${ms('(s)."expiresAt"')} AS expires,
  ${ms('(s)."absoluteExpiresAt"')} AS absolute, coalesce((s)."ip", '') AS ip,
  (s)."userAgent" AS "userAgent", (s)."actorId" AS actor_id, (s)."actorHandle" AS actor_handle,
  (s)."rotationDue" AS rotation_due`;

/** The columns of a session `s` of a user `u`, and whether it lives. */
const OF_SESSION = `${FACTS},
  (s)."digest" AS digest, (s)."realm" AS realm, (s)."epoch" AS epoch, (s)."version" AS version,
  (s)."digest" = (s)."previousDigest" AS in_grace,
  CASE WHEN (s)."id" IS NULL THEN 'unknown' WHEN ${LIVES} THEN 'live'
    WHEN (s)."revokedAt" IS NULL AND (s)."expiresAt" <= statement_timestamp() THEN 'expired'
    WHEN (s)."revokedReason" = 'past-grace' THEN 'past-grace' ELSE 'revoked' END AS state,
  ${STANDBY}`;

/** The columns of a session `s` and its user `u`, and whether it lives. */
export const SESSION = `${OF_SESSION},${USER}`;

/** The columns of a session `s` alone, as a copy of it is made from. */
export const COPIED = `${OF_SESSION}, (s)."userId" AS user_id, ${NOW} AS confirmed`;

/** The columns of one line of a list. */
export const LISTED = `${FACTS}, ${ms('(s)."lastSeenAt"')} AS seen, (s)."label" AS label, ${STANDBY}`;

/** How long the digest of before a rotation is honoured, as an interval. */
export const GRACE = `interval '${LIMITS.ROTATION_GRACE} milliseconds'`;
