/** How long a claim lasts, as an interval: far longer than applying takes, and soon over where a process died. */
const CLAIM = `interval '1 second'`;

/** How long a row that could not be applied rests: those behind it go first, and its end still comes within a second. */
const REST = `interval '400 milliseconds'`;

/** `$n` milliseconds before the statement began. */
const ago = (parameter: number): string =>
  `statement_timestamp() - $${parameter}::float8 * interval '1 millisecond'`;

const FREE = `("claimedUntil" IS NULL OR "claimedUntil" <= statement_timestamp())`;

/** What the row lock found changed meanwhile is looked at again, so no row is claimed twice. */
const TURN = (limit: string): string =>
  `ORDER BY "isEnd" DESC, "id" LIMIT ${limit}::int FOR UPDATE SKIP LOCKED`;

const CLAIM_DUE = `claimed AS (
      UPDATE sessions."Outbox" claimed SET "claimedUntil" = statement_timestamp() + ${CLAIM}
      FROM due WHERE claimed."id" = due."id"
      RETURNING claimed.*
    )
    SELECT "id"::float8 AS id, "kind" AS kind, "key" AS key, "realm" AS realm,
      CASE WHEN "appliedTo" IS NULL
        THEN (extract(epoch FROM clock_timestamp() - "createdAt") * 1000)::float8 END AS "ageMs"
    FROM claimed ORDER BY "isEnd" DESC, "id"`;

/**
 * The masters in `"appliedTo"` that are none of `$n`. It leaps from one to the next in the index:
 * they are few, and the rows of the last W may be many.
 */
const others = (parameter: number): string => `marked AS (
      SELECT min("appliedTo") AS master FROM sessions."Outbox"
      UNION ALL
      SELECT (SELECT min("appliedTo") FROM sessions."Outbox" WHERE "appliedTo" > marked.master)
      FROM marked WHERE marked.master IS NOT NULL
    ), others AS (
      SELECT master FROM marked WHERE master <> ALL($${parameter}::text[])
    )`;

/** Rows of one of them, of the last `$n` milliseconds. Read for each, so that for none nothing is read. */
const theirs = (parameter: number): string =>
  `"appliedTo" = others.master AND "createdAt" > ${ago(parameter)}`;

/** `$1` rows that nobody has marked. */
export const CLAIM_WAITING = {
  name: 'outbox_claim',
  text: `WITH due AS (
      SELECT "id" FROM sessions."Outbox" WHERE "appliedTo" IS NULL AND ${FREE} ${TURN('$1')}
    ), ${CLAIM_DUE}`,
};

/** `$1` rows, also of the last `$3` milliseconds that only other masters than `$2` have. */
export const CLAIM_FOR = {
  name: 'outbox_claim_for',
  text: `WITH RECURSIVE ${others(2)}, waiting AS (
      SELECT "id", "isEnd" FROM sessions."Outbox" WHERE "appliedTo" IS NULL AND ${FREE} ${TURN('$1')}
    ), elsewhere AS (
      SELECT rows.* FROM others, LATERAL (
        SELECT "id", "isEnd" FROM sessions."Outbox" WHERE ${theirs(3)} AND ${FREE} ${TURN('$1')}
      ) rows
    ), due AS (
      SELECT "id" FROM (SELECT * FROM waiting UNION ALL SELECT * FROM elsewhere) work
      ORDER BY "isEnd" DESC, "id" LIMIT $1::int
    ), ${CLAIM_DUE}`,
};

export const MARK = {
  name: 'outbox_mark',
  text: `UPDATE sessions."Outbox" SET "appliedTo" = $2, "claimedUntil" = NULL WHERE "id" = ANY($1::bigint[])`,
};

export const RELEASE = {
  name: 'outbox_release',
  text: `UPDATE sessions."Outbox" SET "claimedUntil" = least("claimedUntil", statement_timestamp() + ${REST})
    WHERE "id" = ANY($1::bigint[])`,
};

/**
 * A row that waits is work however old; one that other masters than `$1` have, within `$2` milliseconds.
 * The orders make the planner use the indexes, also where it hopes to meet a row sooner without.
 */
export const HAS_WORK = {
  name: 'outbox_has_work',
  text: `WITH RECURSIVE ${others(1)}
    SELECT pg_is_in_recovery() AS standby,
      EXISTS (SELECT 1 FROM (
        SELECT 1 FROM sessions."Outbox" WHERE "appliedTo" IS NULL ORDER BY "isEnd" DESC, "id" LIMIT 1
      ) waiting) OR EXISTS (SELECT 1 FROM others, LATERAL (
        SELECT 1 FROM sessions."Outbox" WHERE ${theirs(2)} ORDER BY "isEnd", "id" DESC LIMIT 1
      ) elsewhere) AS work`,
};

export const DEPTH = {
  name: 'outbox_depth',
  text: `SELECT count(*)::float8 AS rows FROM sessions."Outbox" WHERE "appliedTo" IS NULL`,
};

/** Up to `$1` rows older than `$2` milliseconds. */
export const DELETE_OLD = {
  name: 'outbox_delete_old',
  text: `WITH old AS (
      SELECT "id" FROM sessions."Outbox" WHERE "createdAt" < ${ago(2)}
      ORDER BY "createdAt" LIMIT $1::int FOR UPDATE SKIP LOCKED
    ), deleted AS (
      DELETE FROM sessions."Outbox" gone USING old WHERE gone."id" = old."id" RETURNING 1
    )
    SELECT count(*)::float8 AS rows FROM deleted`,
};
