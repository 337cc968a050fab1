import { LIMITS } from '../policy/limits.ts';
import type { RecordAnswer, UserRole } from '../types/index.ts';

/** How drivers give a `bigint`. */
export type WholeNumber = string | number | bigint;

/** A user's own columns. */
export interface PersonRow {
  user_id: string;
  email: string;
  isVerified: boolean;
  role: UserRole;
  user_created: number;
  last_login: number | null;
}

/** A user as copies show it. */
export interface UserRow extends PersonRow {
  user_version: WholeNumber;
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

export interface SessionColumns
  extends FactColumns,
    Pick<UserRow, 'user_id' | 'user_version' | 'last_login' | 'confirmed'> {
  digest: string;
  realm: string;
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

const LAST_LOGIN = `${ms('(u)."lastLoginAt"')} AS last_login`;

/** The columns of a user `u`, without secrets. The table keeps its times in UTC, without a zone. */
export const PERSON = `
  (u)."id" AS user_id, (u)."email" AS email, (u)."isVerified" AS "isVerified", (u)."role"::text AS role,
  ${ms('(u)."createdAt"')} AS user_created, ${LAST_LOGIN}`;

/** What a copy of a user `u` with the subject `o` is made from; a user who never came has no subject. */
export const USER = `${PERSON}, coalesce((o)."version", 0) AS user_version, ${NOW} AS confirmed`;

/** A user's row and the subject, of a session `s`. */
export const OWNED = `
    JOIN sessions."Subject" o ON o."id" = (s)."subject" JOIN public."User" u ON u."id" = o."userId"`;

/** The rule of life, said of a session `s` with the subject `o`, whose user is there. */
export const LIVES = 'sessions.lives(s, o)';

/** A digest as bytes, of a parameter that has it as copies do. */
export const bytes = (parameter: number): string => `sessions.digest_named($${parameter})`;

const STANDBY = 'pg_is_in_recovery() AS standby';

const FACTS = `
  (s)."id"::text AS handle, ${ms('(s)."createdAt"')} AS created,
  ${ms('(s)."authenticatedAt"')} AS authenticated, ${ms('(s)."expiresAt"')} AS expires,
  ${ms('(s)."absoluteExpiresAt"')} AS absolute, coalesce((s)."ip", '') AS ip,
  (s)."userAgent" AS "userAgent", (s)."actorId" AS actor_id, (s)."actorHandle"::text AS actor_handle,
  (o)."roleVersion" > (s)."idVersion" AND (s)."digest" IS DISTINCT FROM (s)."previousDigest" AS rotation_due`;

/** The columns of a session `s` with the subject `o`, and whether it lives. */
const OF_SESSION = `${FACTS},
  sessions.digest_text((s)."digest") AS digest, (s)."realm" AS realm, (s)."version" AS version,
  (s)."digest" = (s)."previousDigest" AS in_grace,
  CASE WHEN (s)."id" IS NULL OR (o)."id" IS NULL THEN 'unknown' WHEN ${LIVES} THEN 'live'
    WHEN (s)."revokedAt" IS NULL AND (s)."expiresAt" <= statement_timestamp() THEN 'expired'
    WHEN (s)."revokedReason" = 'past-grace' THEN 'past-grace' ELSE 'revoked' END AS state,
  ${STANDBY}`;

/** The columns of a session `s`, its subject `o` and its user `u`, and whether it lives. */
export const SESSION = `${OF_SESSION},${USER}`;

/** The columns of a session `s`, its subject `o` and its user `u`, as a copy of the session alone is made from. */
export const COPIED = `${OF_SESSION},
  (o)."userId" AS user_id, (o)."version" AS user_version, ${LAST_LOGIN}, ${NOW} AS confirmed`;

/** The columns of one line of a list. */
export const LISTED = `${FACTS}, ${ms('(s)."lastSeenAt"')} AS seen, (s)."label" AS label, ${STANDBY}`;

/** How long the digest of before a rotation is honoured, as an interval. */
export const GRACE = `interval '${LIMITS.ROTATION_GRACE} milliseconds'`;
