import type { SqlRunner } from '../types/index.ts';
import { ask, type Statement } from './postgres-sql.ts';

/** Rows of one statement, so that none holds its locks for long. */
const BATCH = 500;

/**
 * `$2` subjects after `$1`, each with `set`: a version above all that were given before, since it follows
 * the clock. `live` counts their sessions that lived before.
 */
const subjects = (name: string, set: string): Statement => ({
  name,
  text: `WITH batch AS (
      SELECT * FROM sessions."Subject" WHERE "id" > $1::bigint ORDER BY "id" LIMIT $2::int FOR NO KEY UPDATE
    ), live AS (
      SELECT FROM batch o JOIN public."User" u ON u."id" = o."userId"
      JOIN sessions."Session" s ON s."subject" = o."id"
      WHERE s."revokedAt" IS NULL AND s."expiresAt" > statement_timestamp()
        AND s."stamp" >= greatest(o."floor", (o."realmFloors" ->> s."realm")::bigint)
    ), raised AS (
      UPDATE sessions."Subject" o SET ${set}"version" = sessions.next_version(o."version")
      FROM batch WHERE o."id" = batch."id" RETURNING o."id"
    )
    SELECT count(*)::float8 AS rows, max("id")::text AS last, (SELECT count(*) FROM live)::float8 AS live
    FROM raised`,
});

const END_USERS = subjects(
  'restore_end',
  `"counter" = o."counter" + 1, "floor" = o."counter" + 1, "realmFloors" = '{}', `,
);
const RAISE_USERS = subjects('restore_users', '');

/** Ended sessions need no version: the first to ask puts a tombstone, which outranks any copy. */
const RAISE_SESSIONS = {
  name: 'restore_sessions',
  text: `SELECT rows::float8 AS rows, last::text AS last, 0::float8 AS live
    FROM sessions.outrank($1::uuid, $2::int)`,
};

const FIRST_HANDLE = '00000000-0000-0000-0000-000000000000';

interface BatchRow {
  rows: number;
  last: string | null;
  live: number;
}

/**
 * Makes a record that was set back outrank every copy of the time that it has forgotten. Each verb
 * works in batches, may be interrupted and said again; `onProgress` hears how many rows are done.
 */
export class PostgresRestore {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /** Ends all sessions of all users. */
  endUsers(onProgress: (rows: number) => void): Promise<{ rows: number; live: number }> {
    return this.#everyBatch(END_USERS, '0', onProgress);
  }

  /** Ends none. */
  raiseUsers(onProgress: (rows: number) => void): Promise<{ rows: number; live: number }> {
    return this.#everyBatch(RAISE_USERS, '0', onProgress);
  }

  async raiseSessions(onProgress: (rows: number) => void): Promise<void> {
    await this.#everyBatch(RAISE_SESSIONS, FIRST_HANDLE, onProgress);
  }

  async #everyBatch(statement: Statement, first: string, onProgress: (rows: number) => void) {
    const sum = { rows: 0, live: 0 };
    for (let after: string | null = first; after !== null; ) {
      const [batch]: BatchRow[] = await ask<BatchRow>(this.#sql, statement, [after, BATCH]);
      sum.rows += batch?.rows ?? 0;
      sum.live += batch?.live ?? 0;
      after = batch?.last ?? null;
      onProgress(sum.rows);
    }
    return sum;
  }
}
