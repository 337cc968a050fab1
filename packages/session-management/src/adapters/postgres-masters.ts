import type { MasterNames, MasterNews, SqlRunner } from '../types/index.ts';
import { fromPrimary } from './postgres-rows.ts';
import { ask, type Statement } from './postgres-sql.ts';

/** How long a lease lasts, and how much longer who would name other masters waits for it. */
const LEASE = `interval '3 seconds'`;
const PATIENCE = `interval '2 seconds'`;
/** Further ahead than this no lease can be: the clock was set back. */
const FARTHEST = `interval '10 seconds'`;

const NOW = `floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;
/** Copies are dated by clocks that may have gone back by as much. */
const A_SECOND_ON = `${NOW} + 1000`;

const HEAR = {
  name: 'masters_hear',
  text: `SELECT m."since"::text AS since, ${NOW}::float8 AS now, pg_is_in_recovery() AS standby,
      CASE WHEN l."until" BETWEEN clock_timestamp() AND clock_timestamp() + ${FARTHEST} THEN l."owner" END AS carrier
    FROM sessions."Masters" m, sessions."Lease" l`,
};

const TAKE = {
  name: 'lease_take',
  text: `UPDATE sessions."Lease" SET "owner" = $1::text, "until" = clock_timestamp() + ${LEASE}
    WHERE "owner" = $1::text OR "until" > clock_timestamp() + ${FARTHEST} OR "until" < clock_timestamp() -
      CASE WHEN EXISTS (SELECT FROM sessions."Masters" WHERE "since" ?& $2::text[] AND "since" - $2::text[] = '{}')
        THEN interval '0' ELSE ${PATIENCE} END
    RETURNING 1`,
};

const RENEW = {
  name: 'lease_renew',
  text: `UPDATE sessions."Lease" SET "until" = clock_timestamp() + ${LEASE} WHERE "owner" = $1::text RETURNING 1`,
};

const RELEASE = {
  name: 'lease_release',
  text: `UPDATE sessions."Lease" SET "until" = least("until", clock_timestamp() - interval '1 millisecond') WHERE "owner" = $1::text`,
};

const HOLDS = `EXISTS (SELECT FROM sessions."Lease" WHERE "owner" = $1::text AND "until" > clock_timestamp())`;

const KEEP_ONLY = {
  name: 'masters_keep',
  text: `UPDATE sessions."Masters" SET "since" = coalesce(
      (SELECT jsonb_object_agg(key, value) FROM jsonb_each("since") WHERE key = ANY($2::text[])), '{}')
    WHERE ${HOLDS}`,
};

const NAME = {
  name: 'masters_name',
  text: `UPDATE sessions."Masters" SET "since" = coalesce(
      (SELECT jsonb_object_agg(name, ${A_SECOND_ON}) FROM unnest($2::text[]) AS name), '{}') || "since"
    WHERE ${HOLDS}`,
};

const RAISE = {
  name: 'masters_raise',
  text: `UPDATE sessions."Masters" SET "since" = coalesce(
      (SELECT jsonb_object_agg(key, ${A_SECOND_ON}) FROM jsonb_each("since")), '{}')
    WHERE ${HOLDS} RETURNING 1`,
};

interface NewsRow {
  since: string;
  now: number;
  standby: boolean;
  carrier: string | null;
}

/** The tables `sessions."Masters"` and `sessions."Lease"`, a row each. A standby answers nothing here. */
export class PostgresMasters implements MasterNames {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async hear(): Promise<MasterNews> {
    const [row] = fromPrimary(HEAR.name, await ask<NewsRow>(this.#sql, HEAR, []));
    const since: Record<string, number> = JSON.parse(row?.since ?? '{}');
    const now = row?.now ?? 0;
    return { since: new Map(Object.entries(since)), carrier: row?.carrier ?? null, now };
  }

  take(owner: string, masters: readonly string[]): Promise<boolean> {
    return this.#did(TAKE, [owner, masters]);
  }

  renew(owner: string): Promise<boolean> {
    return this.#did(RENEW, [owner]);
  }

  async release(owner: string): Promise<void> {
    await ask(this.#sql, RELEASE, [owner]);
  }

  async keepOnly(owner: string, masters: readonly string[]): Promise<void> {
    await ask(this.#sql, KEEP_ONLY, [owner, masters]);
  }

  async name(owner: string, masters: readonly string[]): Promise<void> {
    await ask(this.#sql, NAME, [owner, masters]);
  }

  raise(owner: string): Promise<boolean> {
    return this.#did(RAISE, [owner]);
  }

  async #did(statement: Statement, values: readonly unknown[]): Promise<boolean> {
    return (await ask(this.#sql, statement, values)).length > 0;
  }
}
