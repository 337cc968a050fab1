import type { PostgresFacts } from '../policy/diagnosis.ts';
import type { SqlRunner } from '../types/index.ts';
import { LIVES, OWNED } from './postgres-columns.ts';
import { ask } from './postgres-sql.ts';

/** Sessions of one realm: those that live, those that do not, and those of them that `cleanup` would delete now. */
export interface RealmCount {
  realm: string;
  live: number;
  ended: number;
  due: number;
}

/** By the catalogue, which tells also who may not look into the schema. */
const USED_TABLES = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE (n.nspname::text, c.relname::text) IN (('public', 'User'), ('sessions', 'Subject'), ('sessions', 'Session'),
    ('sessions', 'Raise'), ('sessions', 'Outbox'), ('sessions', 'Masters'), ('sessions', 'Lease'))`;

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
        SELECT format('%s on %s."%s"', privilege, used.nspname, used.relname)
        FROM (SELECT c.oid, n.nspname, c.relname FROM ${USED_TABLES}) used,
          unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
        WHERE NOT has_table_privilege(used.oid, privilege)
        UNION ALL
        SELECT 'USAGE on schema sessions' WHERE NOT has_schema_privilege(to_regnamespace('sessions'), 'USAGE')
        UNION ALL
        SELECT format('EXECUTE on sessions.%s', p.proname) FROM pg_proc p
        WHERE p.pronamespace = to_regnamespace('sessions') AND p.prorettype <> 'trigger'::regtype
          AND NOT has_function_privilege(p.oid, 'EXECUTE')
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
    FROM sessions."Session" s ${OWNED}
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
