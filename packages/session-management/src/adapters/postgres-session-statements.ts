import { COPIED, GRACE, LISTED, LIVES, NOW, SESSION, USER } from './postgres-columns.ts';

/** `$n` milliseconds, as an interval. */
const span = (parameter: number): string => `$${parameter}::float8 * interval '1 millisecond'`;

export const CREATE = {
  name: 'session_create',
  text: `SELECT ${SESSION}, ended, ended_handles
    FROM session_create($1, $2, $3, $4, $5::bigint, $6::bigint, $7, $8, $9::integer, $10::text)`,
};

/** The same, by the terms that `$11` has for the user's role, each as `SessionTerms`. */
export const CREATE_BY_ROLE = {
  name: 'session_create_by_role',
  text: `SELECT ${SESSION}, ended, ended_handles
    FROM (SELECT $11::jsonb -> "role"::text AS own FROM "User" WHERE "id" = $3) owner, LATERAL session_create($1, $2, $3, $4,
      coalesce((own ->> 'ttlMs')::bigint, $5::bigint), coalesce((own ->> 'absoluteMs')::bigint, $6::bigint), $7, $8,
      CASE WHEN own IS NULL THEN $9::integer ELSE (own -> 'limit' ->> 'most')::integer END,
      CASE WHEN own IS NULL THEN $10::text ELSE own -> 'limit' ->> 'rule' END)`,
};

/** `$3` has the ttl for each role that has one of its own. */
export const EXTEND = {
  name: 'session_extend',
  text: `UPDATE "Session" s
    SET "expiresAt" = least(s."absoluteExpiresAt", statement_timestamp()
      + coalesce(($3::jsonb ->> u."role"::text)::float8, $2::float8) * interval '1 millisecond')
    FROM "User" u WHERE s."digest" = $1 AND u."id" = s."userId" AND ${LIVES}
    RETURNING ${SESSION}`,
};

export const CONFIRM_IDENTITY = {
  name: 'session_confirm_identity',
  text: `UPDATE "Session" s SET "authenticatedAt" = greatest(s."authenticatedAt", statement_timestamp())
    FROM "User" u WHERE s."digest" = $1 AND u."id" = s."userId" AND ${LIVES}
      AND s."actorHandle" IS NULL
    RETURNING ${SESSION}`,
};

export const ROTATE = {
  name: 'session_rotate',
  text: `SELECT ${SESSION}, ended FROM session_rotate($1, $2, ${GRACE})`,
};

/**
 * Both digests of the row, also of one that has ended: its tombstones may be missing. Of one that this
 * ends, as the row is then: a rotation may have come in between. Who acts in the place of a user is named
 * as who ended it.
 */
export const END_BY_DIGEST = {
  name: 'session_end_by_digest',
  text: `WITH named AS (
      SELECT "id", "digest", "previousDigest", "userId", "realm", "actorId" FROM "Session" WHERE "digest" = $1 OR "previousDigest" = $1
    ), ended AS (
      UPDATE "Session" s SET "revokedAt" = statement_timestamp(), "revokedReason" = $2, "revokedBy" = s."actorId"
      FROM named WHERE s."id" = named."id" AND s."revokedAt" IS NULL
      RETURNING s."id", s."digest", s."previousDigest", s."userId", s."realm", s."actorId"
    )
    SELECT "digest" AS digest, "previousDigest" AS previous, "id" AS handle, "userId" AS user_id, "realm" AS realm,
      "actorId" AS actor, "id" IN (SELECT "id" FROM ended) AS fresh
    FROM (
      SELECT * FROM ended
      UNION ALL SELECT * FROM named WHERE "id" NOT IN (SELECT "id" FROM ended)
    ) known`,
};

/** Locks the user first, as every verb that ends more than one row: two of them never wait for each other. */
const END_OF_USER = `UPDATE "Session" s SET "revokedAt" = statement_timestamp(), "revokedReason" = $4, "revokedBy" = $5
    FROM (SELECT * FROM "User" WHERE "id" = $1 FOR NO KEY UPDATE) u
    WHERE s."userId" = u."id" AND s."realm" = $2 AND ${LIVES}`;

const BOTH_DIGESTS = `RETURNING s."digest" AS digest, s."previousDigest" AS previous,
    s."id" AS handle, s."userId" AS user_id, s."realm" AS realm, true AS fresh`;

export const END_BY_HANDLE = {
  name: 'session_end_by_handle',
  text: `${END_OF_USER} AND s."id" = $3 ${BOTH_DIGESTS}`,
};

export const END_OTHERS = {
  name: 'session_end_others',
  text: `${END_OF_USER} AND s."id" <> $3 ${BOTH_DIGESTS}`,
};

export const END_ALL = {
  name: 'session_end_all',
  text: `SELECT ended, ${USER} FROM session_end_all($1, $2, $3)`,
};

/**
 * At least one row, so that a standby is known by it; without a session, its columns are NULL. Handles in
 * the order of their bytes, which no language changes.
 */
export const LIST = {
  name: 'session_list',
  text: `SELECT ${LISTED} FROM (SELECT 1) one
    LEFT JOIN ("Session" s JOIN "User" u ON u."id" = s."userId")
    ON s."userId" = $1 AND s."realm" = $2 AND ${LIVES}
    ORDER BY s."createdAt" DESC, s."id" COLLATE "C" DESC`,
};

/** Stops at so many: what it costs does not grow with the number of sessions that live. */
export const COUNT = {
  name: 'session_count',
  text: `SELECT pg_is_in_recovery() AS standby, (SELECT count(*)::int FROM (
      SELECT 1 FROM "Session" s JOIN "User" u ON u."id" = s."userId"
      WHERE s."realm" = $1 AND ${LIVES} LIMIT $2::int
    ) live) AS count`,
};

export const LABEL = {
  name: 'session_label',
  text: `UPDATE "Session" s SET "label" = $4
    FROM "User" u WHERE u."id" = $1 AND s."userId" = u."id" AND s."realm" = $2 AND s."id" = $3 AND ${LIVES}
    RETURNING 1`,
};

export const TOUCH = {
  name: 'session_touch',
  text: `UPDATE "Session" seen SET "lastSeenAt" = statement_timestamp()
    FROM (
      SELECT s."id" FROM "Session" s JOIN "User" u ON u."id" = s."userId"
      WHERE s."id" = ANY($1::text[]) AND ${LIVES}
        AND s."lastSeenAt" <= statement_timestamp() - ${span(2)}
      ORDER BY s."id" FOR NO KEY UPDATE OF s SKIP LOCKED
    ) due WHERE seen."id" = due."id"`,
};

export const RENEW = {
  name: 'session_renew',
  text: `SELECT ${COPIED}
    FROM session_renew($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) s JOIN "User" u ON u."id" = s."userId"`,
};

export const DELETE_ENDED = {
  name: 'session_delete_ended',
  text: `WITH expired AS (
      SELECT "id" FROM "Session" WHERE "expiresAt" < statement_timestamp() - ${span(2)}
      ORDER BY "expiresAt" LIMIT $1::int FOR UPDATE SKIP LOCKED
    ), revoked AS (
      SELECT "id" FROM "Session" WHERE "revokedAt" < statement_timestamp() - ${span(2)}
      ORDER BY "revokedAt" LIMIT $1::int - (SELECT count(*) FROM expired) FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM "Session"
      WHERE "id" = ANY(ARRAY(SELECT "id" FROM expired UNION ALL SELECT "id" FROM revoked))
      RETURNING 1
    )
    SELECT count(*)::int AS deleted FROM gone`,
};

export const PING = {
  name: 'session_ping',
  text: `SELECT ${NOW} AS now, pg_is_in_recovery() AS standby`,
};
