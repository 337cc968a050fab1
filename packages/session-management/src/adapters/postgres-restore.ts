import type { SqlRunner } from '../types/index.ts';
import { ask, type Statement } from './postgres-sql.ts';

/** Rows of one statement, so that none holds its locks for long. */
const BATCH = 500;

/** More than can have been counted between a backup and its restore. */
const VERSIONS_AHEAD = 2 ** 32;
const EPOCHS_AHEAD = 1_000_000;

const RAISE_SEQUENCE = {
  name: 'restore_sequence',
  text: `SELECT setval('"User_version_seq"', last_value + ${VERSIONS_AHEAD}) FROM "User_version_seq"`,
};

/** No row of the outbox for each: whoever restores drops all copies. */
const QUIET = `quiet AS (SELECT set_config('session.quiet', 'on', true) AS setting)`;

const LIVE_OF_BATCH = `SELECT s."id" FROM batch JOIN "User" u ON u."id" = batch."id"
    JOIN "Session" s ON s."userId" = u."id" WHERE session_lives(s, u."sessionEpoch")`;

/** `$2` users after id `$1`, each with `set`; `touched` counts their sessions that lived before. */
const users = (name: string, set: string): Statement => ({
  name,
  text: `WITH ${QUIET}, batch AS (
      SELECT "id" FROM "User" WHERE "id" > $1 ORDER BY "id" LIMIT $2::int FOR NO KEY UPDATE
    ), live AS (${LIVE_OF_BATCH}), raised AS (
      UPDATE "User" u SET ${set} FROM batch, quiet
      WHERE u."id" = batch."id" AND quiet.setting = 'on' RETURNING u."id"
    )
    SELECT count(*)::float8 AS rows, max("id") AS last, (SELECT count(*) FROM live)::float8 AS live
    FROM raised`,
});

/** A raised epoch ends the sessions by its trigger, and raises the version with it. */
const END_USERS = users('restore_end', `"sessionEpoch" = u."sessionEpoch" + ${EPOCHS_AHEAD}`);
const RAISE_USERS = users('restore_users', `"version" = nextval('"User_version_seq"')`);

/** Ended sessions need no version: the first to ask puts a tombstone, which outranks any copy. */
const RAISE_SESSIONS = {
  name: 'restore_sessions',
  text: `WITH ${QUIET}, batch AS (
      SELECT "id" FROM "Session"
      WHERE "id" > $1 AND "revokedAt" IS NULL AND "expiresAt" > statement_timestamp()
      ORDER BY "id" LIMIT $2::int FOR NO KEY UPDATE
    ), raised AS (
      UPDATE "Session" s SET "version" = s."version" + ${VERSIONS_AHEAD} FROM batch, quiet
      WHERE s."id" = batch."id" AND quiet.setting = 'on' RETURNING s."id"
    )
    SELECT count(*)::float8 AS rows, max("id") AS last, 0::float8 AS live FROM raised`,
};

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

  /** Every version given from now on is above all that were given before the restore. First of all. */
  async raiseSequence(): Promise<void> {
    await ask(this.#sql, RAISE_SEQUENCE, []);
  }

  /** Ends all sessions of all users. */
  endUsers(onProgress: (rows: number) => void): Promise<{ rows: number; live: number }> {
    return this.#everyBatch(END_USERS, onProgress);
  }

  /** Ends none. */
  raiseUsers(onProgress: (rows: number) => void): Promise<{ rows: number; live: number }> {
    return this.#everyBatch(RAISE_USERS, onProgress);
  }

  async raiseSessions(onProgress: (rows: number) => void): Promise<void> {
    await this.#everyBatch(RAISE_SESSIONS, onProgress);
  }

  async #everyBatch(statement: Statement, onProgress: (rows: number) => void) {
    const sum = { rows: 0, live: 0 };
    for (let after: string | null = ''; after !== null; ) {
      const [batch]: BatchRow[] = await ask<BatchRow>(this.#sql, statement, [after, BATCH]);
      sum.rows += batch?.rows ?? 0;
      sum.live += batch?.live ?? 0;
      after = batch?.last ?? null;
      onProgress(sum.rows);
    }
    return sum;
  }
}
