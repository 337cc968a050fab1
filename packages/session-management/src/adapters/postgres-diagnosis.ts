import type { PostgresFacts } from '../policy/diagnosis.ts';
import type { SqlRunner } from '../types/index.ts';
import { LIVES } from './postgres-columns.ts';
import { ask } from './postgres-sql.ts';

/** Sessions of one realm: those that live, those that do not, and those of them that `cleanup` would delete now. */
export interface RealmCount {
  realm: string;
  live: number;
  ended: number;
  due: number;
}

const USED_TABLES = `(VALUES ('"User"'), ('"Session"'), ('"Outbox"')) AS used(name)`;
const USED_SEQUENCES = `(VALUES ('"User_version_seq"'), ('"Outbox_id_seq"')) AS used(name)`;

/** What is not there yet is the migrations' matter. */
const FACTS = {
  name: 'diagnosis_facts',
  text: `SELECT current_setting('server_version_num')::int AS version,
      current_setting('server_version') AS release,
      current_setting('server_encoding') AS encoding,
      EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu') AS "hasIcu",
      pg_is_in_recovery() AS standby,
      (SELECT setting::float8 FROM pg_settings WHERE name = 'statement_timeout') AS "statementTimeout",
      ARRAY(
        SELECT privilege || ' on ' || name
        FROM ${USED_TABLES}, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
        WHERE NOT has_table_privilege(to_regclass(name), privilege)
        UNION ALL
        SELECT 'USAGE on ' || name FROM ${USED_SEQUENCES}
        WHERE NOT has_sequence_privilege(to_regclass(name), 'USAGE')
      ) AS lacking`,
};

const INSTANT = {
  name: 'diagnosis_now',
  text: `SELECT date_part('epoch', clock_timestamp()) * 1000 AS now`,
};

/** `$1`: how long ended sessions are kept, in milliseconds. Reads the table once. */
const COUNT = {
  name: 'diagnosis_count',
  text: `SELECT s."realm" AS realm,
      count(*) FILTER (WHERE ${LIVES})::float8 AS live,
      count(*) FILTER (WHERE NOT ${LIVES})::float8 AS ended,
      count(*) FILTER (WHERE least(s."expiresAt", s."revokedAt")
        < statement_timestamp() - $1::float8 * interval '1 millisecond')::float8 AS due
    FROM "Session" s JOIN "User" u ON u."id" = s."userId"
    GROUP BY s."realm" ORDER BY s."realm"`,
};

/** Questions of an operator to PostgreSQL. */
export class PostgresDiagnosis {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async facts(): Promise<PostgresFacts> {
    const [facts] = await ask<PostgresFacts>(this.#sql, FACTS, []);
    if (facts === undefined) throw new TypeError('PostgreSQL answered no row');
    return facts;
  }

  /** Its instant, in milliseconds since the epoch. */
  async now(): Promise<number> {
    return (await ask<{ now: number }>(this.#sql, INSTANT, []))[0]?.now ?? Number.NaN;
  }

  countSessions(keepEndedMs: number): Promise<RealmCount[]> {
    return ask<RealmCount>(this.#sql, COUNT, [keepEndedMs]);
  }
}
