import {
  bytes,
  COPIED,
  GRACE,
  LISTED,
  LIVES,
  NOW,
  OWNED,
  SESSION,
  USER,
} from './postgres-columns.ts';

/** `$n` milliseconds, as an interval. */
const span = (parameter: number): string => `$${parameter}::float8 * interval '1 millisecond'`;

/** `$11` has the terms for each role that has its own, each as `SessionTerms`. */
export const CREATE = {
  name: 'session_create',
  text: `SELECT outcome, ${SESSION}, ended, ended_handles::text[] AS ended_handles
    FROM sessions.create_session($1::uuid, ${bytes(2)}, $3, $4, $5::bigint, $6::bigint, $7, $8,
      $9::integer, $10::text, $11::jsonb, $12::text)`,
};

/** Many at once, in the order of `CREATE`; `$9` has the terms of roles. */
export const CREATE_MANY = {
  name: 'session_create_many',
  text: `SELECT ${SESSION}
    FROM sessions.create_sessions($1::uuid[], ARRAY(SELECT sessions.digest_named(d) FROM unnest($2::text[]) WITH ORDINALITY AS named(d, n) ORDER BY n),
      $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[]::jsonb[], $10::text[])`,
};

/** `$3` has the ttl for each role that has one of its own. */
export const EXTEND = {
  name: 'session_extend',
  text: `UPDATE sessions."Session" s
    SET "expiresAt" = least(s."absoluteExpiresAt", statement_timestamp()
      + coalesce(($3::jsonb ->> u."role"::text)::float8, $2::float8) * interval '1 millisecond')
    FROM sessions."Subject" o, public."User" u
    WHERE s."digest" = ${bytes(1)} AND o."id" = s."subject" AND u."id" = o."userId" AND ${LIVES}
    RETURNING ${SESSION}`,
};

export const CONFIRM_IDENTITY = {
  name: 'session_confirm_identity',
  text: `UPDATE sessions."Session" s SET "authenticatedAt" = greatest(s."authenticatedAt", statement_timestamp())
    FROM sessions."Subject" o, public."User" u
    WHERE s."digest" = ${bytes(1)} AND o."id" = s."subject" AND u."id" = o."userId" AND ${LIVES}
      AND s."actorHandle" IS NULL
    RETURNING ${SESSION}`,
};

export const ROTATE = {
  name: 'session_rotate',
  text: `SELECT ${SESSION}, ended FROM sessions.rotate(${bytes(1)}, ${bytes(2)}, ${GRACE})`,
};

/**
 * Both digests of the row, also of one that has ended: its tombstones may be missing. Of one that this
 * ends, as the row is then: a rotation may have come in between. Who acts in the place of a user is named
 * as who ended it.
 */
export const END_BY_DIGEST = {
  name: 'session_end_by_digest',
  text: `WITH named AS (
      SELECT s.*, o."userId", s."stamp" >= greatest(o."floor", (o."realmFloors" ->> s."realm")::bigint) AS above
      FROM (
        SELECT * FROM sessions."Session" WHERE "digest" = ${bytes(1)}
        UNION ALL SELECT * FROM sessions."Session" WHERE "previousDigest" = ${bytes(1)}
      ) s JOIN sessions."Subject" o ON o."id" = s."subject"
    ), ended AS (
      UPDATE sessions."Session" s SET "revokedAt" = statement_timestamp(), "revokedReason" = $2, "revokedBy" = s."actorId"
      FROM named WHERE s."id" = named."id" AND coalesce(s."revokedAt", 'infinity') = 'infinity'
      RETURNING s."id", s."digest", s."previousDigest"
    )
    SELECT sessions.digest_text(coalesce(ended."digest", named."digest")) AS digest,
      sessions.digest_text(coalesce(ended."previousDigest", named."previousDigest")) AS previous,
      named."id"::text AS handle, named."userId" AS user_id, named."realm" AS realm, named."actorId" AS actor,
      ended."id" IS NOT NULL AND named.above AS fresh
    FROM named LEFT JOIN ended ON ended."id" = named."id"`,
};

export const END_BY_HANDLE = {
  name: 'session_end_by_handle',
  text: `SELECT sessions.digest_text(s."digest") AS digest, sessions.digest_text(s."previousDigest") AS previous,
      s."id"::text AS handle, $1 AS user_id, s."realm" AS realm, true AS fresh
    FROM sessions.end_by_handle($1::text, $2, $3::uuid, $4, $5) s`,
};

/**
 * `$2`: the realm; NULL: every one. `$3`: the handle to keep. The user is locked first, so that it is there, and so
 * that what is said of it is true of the version beside it, whoever has just changed it.
 */
export const END_MANY = {
  name: 'session_end_many',
  text: `SELECT made.ended, ${USER}
    FROM (SELECT * FROM public."User" WHERE "id" = $1 FOR NO KEY UPDATE) u,
      LATERAL sessions.raise_floor(u."id", $2, $3::uuid, $4, $5) made(o, ended)`,
};

/**
 * At least one row, so that a standby is known by it; without a session, its columns are NULL. Newest first:
 * within a stamp by handle, whose bytes begin with the time; a kept session has the stamp of those after it.
 * `$3`: the last handle of the page before; where its row is gone, older handles follow.
 */
export const LIST = {
  name: 'session_list',
  text: `SELECT ${LISTED} FROM (SELECT 1) one
    LEFT JOIN (sessions."Subject" o JOIN public."User" u ON u."id" = o."userId") ON o."userId" = $1
    LEFT JOIN LATERAL (
      SELECT * FROM sessions."Session" s
      WHERE s."subject" = o."id" AND s."realm" = $2 AND s."revokedAt" IS NULL AND ${LIVES}
        AND s."stamp" >= greatest(o."floor", (o."realmFloors" ->> $2::text)::bigint)
        AND ($3::uuid IS NULL OR (s."stamp", s."id") < (
          coalesce((SELECT last."stamp" FROM sessions."Session" last WHERE last."id" = $3::uuid), s."stamp"), $3::uuid))
      ORDER BY s."stamp" DESC, s."id" DESC LIMIT $4::int
    ) s ON true
    ORDER BY s."stamp" DESC, s."id" DESC`,
};

/** Stops at so many: what it costs does not grow with the number of sessions that live. */
export const COUNT = {
  name: 'session_count',
  text: `SELECT pg_is_in_recovery() AS standby, (SELECT count(*)::int FROM (
      SELECT 1 FROM sessions."Session" s ${OWNED}
      WHERE s."realm" = $1 AND ${LIVES} LIMIT $2::int
    ) live) AS count`,
};

export const LABEL = {
  name: 'session_label',
  text: `UPDATE sessions."Session" s SET "label" = $4
    FROM sessions."Subject" o, public."User" u
    WHERE u."id" = $1 AND o."userId" = u."id" AND s."subject" = o."id" AND s."realm" = $2 AND s."id" = $3::uuid AND ${LIVES}
    RETURNING 1`,
};

export const TOUCH = {
  name: 'session_touch',
  text: `UPDATE sessions."Session" seen SET "lastSeenAt" = statement_timestamp()
    FROM (
      SELECT s."id" FROM sessions."Session" s JOIN sessions."Subject" o ON o."id" = s."subject"
      WHERE s."id" = ANY($1::uuid[]) AND ${LIVES}
        AND s."lastSeenAt" <= statement_timestamp() - ${span(2)}
      ORDER BY s."id" FOR NO KEY UPDATE OF s SKIP LOCKED
    ) due WHERE seen."id" = due."id"`,
};

export const RENEW = {
  name: 'session_renew',
  text: `SELECT ${COPIED}
    FROM sessions.renew($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) s ${OWNED}`,
};

export const MARK_ENDED = {
  name: 'session_mark_ended',
  text: 'SELECT sessions.mark_ended($1::int, $2::float8) AS marked',
};

export const DELETE_ENDED = {
  name: 'session_delete_ended',
  text: `WITH expired AS (
      SELECT "id" FROM sessions."Session" WHERE "expiresAt" < statement_timestamp() - ${span(2)}
      ORDER BY "expiresAt" LIMIT $1::int FOR UPDATE SKIP LOCKED
    ), revoked AS (
      SELECT "id" FROM sessions."Session"
      WHERE "revokedAt" < statement_timestamp() - ${span(2)} AND "expiresAt" >= statement_timestamp() - ${span(2)}
      ORDER BY "revokedAt" LIMIT $1::int - (SELECT count(*) FROM expired) FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM sessions."Session"
      WHERE "id" = ANY(ARRAY(SELECT "id" FROM expired UNION ALL SELECT "id" FROM revoked))
      RETURNING 1
    )
    SELECT count(*)::int AS deleted FROM gone`,
};

export const PING = {
  name: 'session_ping',
  text: `SELECT ${NOW} AS now, pg_is_in_recovery() AS standby`,
};
