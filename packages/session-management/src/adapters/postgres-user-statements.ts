import type { UserUpdatePlan } from '../policy/user-update.ts';
import { GRACE, LIVES, SESSION, USER } from './postgres-columns.ts';
import type { Statement } from './postgres-sql.ts';

const WITH_HASH = `${USER}, (u)."hashedPassword" AS hash`;

export const BY_EMAIL = {
  name: 'user_by_email',
  text: `SELECT ${WITH_HASH} FROM "User" u WHERE u."email" = session_email($1)`,
};

export const BY_ID = {
  name: 'user_by_id',
  text: `SELECT ${WITH_HASH} FROM "User" u WHERE u."id" = $1`,
};

export const CREATE = {
  name: 'user_create',
  text: `INSERT INTO "User" AS u
      ("id", "email", "hashedPassword", "isVerified", "role", "lastLoginAt", "sessionId")
    VALUES (gen_random_uuid()::text, $1, $2, $3, $4, $5, $6)
    RETURNING ${USER}`,
};

/** Same password, new hash: the setting tells the trigger, for this statement's transaction only. */
export const REHASH = {
  name: 'user_rehash',
  text: `WITH rehash AS (SELECT set_config('session.rehash', 'on', true) AS setting)
    UPDATE "User" u SET "hashedPassword" = $3 FROM rehash
    WHERE u."id" = $1 AND u."hashedPassword" = $2 AND rehash.setting = 'on'
    RETURNING u."id"`,
};

/** Of an absent user, a number of the sequence: above all that were given before, below all to come. */
export const SNAPSHOT = {
  name: 'user_snapshot',
  text: `SELECT pg_is_in_recovery() AS standby,
      CASE WHEN u."id" IS NULL THEN nextval('"User_version_seq"') END AS gone, ${USER}
    FROM (SELECT 1) one LEFT JOIN "User" u ON u."id" = $1`,
};

export const PAGE = {
  name: 'user_page',
  text: `SELECT ${USER} FROM "User" u WHERE u."id" > $1 ORDER BY u."id" LIMIT $2::int`,
};

export const COUNT = {
  name: 'user_count',
  text: 'SELECT count(*)::float8 AS users FROM "User"',
};

/** Of a user, one by its handle or, for the empty handle, all; by present digest and, in its grace, by the previous one. */
export const LIVE_OF_USER = {
  name: 'session_live_of_user',
  text: `SELECT ${SESSION} FROM (
      SELECT now AS s FROM "Session" now WHERE now."userId" = $1 AND $2 IN ('', now."id")
      UNION ALL SELECT session_before(old, ${GRACE}) FROM "Session" old
        WHERE old."userId" = $1 AND $2 IN ('', old."id") AND old."previousDigest" IS NOT NULL
    ) known JOIN "User" u ON u."id" = (known.s)."userId"
    WHERE ${LIVES}`,
};

/** How many sessions a new hash ends: counted only then, not at each log-in. */
const LIVE_OTHERS = `(SELECT count(*)::int FROM "Session" s WHERE s."userId" = before."id"
          AND s."id" <> $2 AND session_lives(s, before."sessionEpoch"))`;

/**
 * Sets these columns of user `$1` to `$5` and on; a raised epoch keeps the session with handle `$2`,
 * which goes on under the digest `$3`, if that is not empty and its realm is `$4`.
 *
 * One name, one text: both follow from the columns, which are the table's own and never a caller's
 * words. The old row is locked first, so `named` is the session that this very change cleared.
 */
export function changeOf(columns: readonly string[]): Statement {
  const values = columns.map((column, index) => `, "${column}" = $${index + 5}`);
  const ended = columns.includes('hashedPassword') ? LIVE_OTHERS : '0';
  return {
    name: ['user_change', ...columns.map((column) => column.slice(0, 5))].join('_'),
    text: `WITH keep AS (SELECT set_config('session.keep', $2, true) AS handle, set_config('session.next',
          CASE WHEN EXISTS (SELECT 1 FROM "Session" WHERE "id" = $2 AND "realm" = $4) THEN $3 ELSE '' END, true) AS next),
        before AS (SELECT * FROM "User" WHERE "id" = $1 FOR NO KEY UPDATE)
      UPDATE "User" u SET "id" = u."id"${values.join('')} FROM before, keep
      WHERE u."id" = before."id" AND keep.handle = $2 AND keep.next IS NOT NULL
      RETURNING ${USER}, before."sessionEpoch" AS epoch_before,
        (SELECT s."previousDigest" FROM "Session" s WHERE s."id" = $2 AND s."userId" = before."id") AS cut,
        ARRAY(SELECT known.digest FROM "Session" s,
          LATERAL (VALUES (s."digest"), (s."previousDigest")) AS known(digest)
          WHERE s."userId" = before."id" AND known.digest IS NOT NULL
            AND substr(before."sessionId", 8) IN (s."digest", s."previousDigest")) AS named,
        ${ended} AS ended`,
  };
}

/** The columns that an update sets, and their values in the same order. */
export function assignmentsOf({
  clearSessionId,
  inbox,
  set,
}: UserUpdatePlan): [string[], unknown[]] {
  const sessionId = clearSessionId || inbox !== null ? { sessionId: inbox } : {};
  const given = Object.entries({ ...set, ...sessionId });
  return [
    given.map(([column]) => column),
    given.map(([, value]) => (value instanceof Date ? isoOf(value) : value)),
  ];
}

/** With its zone, so that no setting of a connection can shift it. */
export function isoOf(instant: Date | null): string | null {
  return instant === null ? null : instant.toISOString();
}
