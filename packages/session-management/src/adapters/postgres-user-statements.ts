import type { UserUpdatePlan } from '../policy/user-update.ts';
import { bytes, GRACE, LIVES, OWNED, PERSON, SESSION, USER } from './postgres-columns.ts';

const WITH_HASH = `${PERSON}, (u)."hashedPassword" AS hash`;

export const BY_EMAIL = {
  name: 'user_by_email',
  text: `SELECT ${WITH_HASH} FROM public."User" u WHERE u."email" = sessions.email_form($1)`,
};

export const BY_ID = {
  name: 'user_by_id',
  text: `SELECT ${WITH_HASH} FROM public."User" u WHERE u."id" = $1`,
};

/** The table keeps its times in UTC, whatever the zone of the connection. */
export const CREATE = {
  name: 'user_create',
  text: `INSERT INTO public."User" AS u
      ("id", "email", "hashedPassword", "isVerified", "role", "createdAt", "lastLoginAt", "sessionId")
    VALUES (gen_random_uuid()::text, $1, $2, $3, $4, statement_timestamp() AT TIME ZONE 'UTC',
      $5::timestamptz AT TIME ZONE 'UTC', $6)
    RETURNING ${PERSON}`,
};

export const REHASH = {
  name: 'user_rehash',
  text: 'SELECT sessions.rehash($1, $2, $3) AS rehashed',
};

/** Of a deleted user the version that its copies had heard of; of one who never came, none that any will have. */
export const SNAPSHOT = {
  name: 'user_snapshot',
  text: `SELECT pg_is_in_recovery() AS standby,
      CASE WHEN u."id" IS NULL THEN coalesce(o."version", sessions.next_version(0)) - 1 END AS gone, ${USER}
    FROM (SELECT 1) one
    LEFT JOIN sessions."Subject" o ON o."userId" = $1 LEFT JOIN public."User" u ON u."id" = $1`,
};

export const PAGE = {
  name: 'user_page',
  text: `SELECT ${PERSON} FROM public."User" u WHERE u."id" > $1 ORDER BY u."id" LIMIT $2::int`,
};

export const COUNT = {
  name: 'user_count',
  text: 'SELECT count(*)::float8 AS users FROM public."User"',
};

/** The session that goes on, by present digest and, in its grace, by the previous one. */
export const KEPT = {
  name: 'session_kept',
  text: `SELECT ${SESSION} FROM (
      SELECT now AS s FROM sessions."Session" now WHERE now."id" = $2::uuid
      UNION ALL SELECT sessions.before_rotation(old, ${GRACE}) FROM sessions."Session" old
        WHERE old."id" = $2::uuid AND old."previousDigest" IS NOT NULL
    ) known ${OWNED}
    WHERE u."id" = $1 AND ${LIVES}`,
};

/**
 * `$2`: the columns to set, as JSON; `$3`: the handle to keep; `$4`: what it goes on under, if its realm is `$5`; `$6`: the
 * hash that was verified.
 */
export const CHANGE = {
  name: 'user_change',
  text: `SELECT outdated, ${USER}, raised, named, cut
    FROM sessions.change_user($1, $2::jsonb, $3::uuid, ${bytes(4)}, $5, $6)`,
};

/** The columns that an update sets, as JSON: instants with their zone, so that no setting of a connection can shift them. */
export function columnsOf({ clearSessionId, inbox, set }: UserUpdatePlan): string {
  return JSON.stringify(clearSessionId || inbox !== null ? { ...set, sessionId: inbox } : set);
}

export function isoOf(instant: Date | null): string | null {
  return instant === null ? null : instant.toISOString();
}
