import type {
  CarriedChange,
  Outbox,
  OutboxLook,
  OutboxPlace,
  OutboxRow,
  OutboxRowName,
  SqlRunner,
} from '../types/index.ts';
import { ask, type Statement } from './postgres-sql.ts';

/** A row, or none: the snapshot is there in any case. */
const LOOK = {
  name: 'outbox_look',
  text: `SELECT pg_current_snapshot()::text AS snapshot, o."xact"::text AS xact, o."id"::text AS id, o."kind" AS kind,
      o."key" AS key, o."realm" AS realm, o."isEnd" AS "isEnd",
      (extract(epoch FROM clock_timestamp() - o."createdAt") * 1000)::float8 AS "ageMs"
    FROM (VALUES (1)) AS one LEFT JOIN
      sessions.outbox_look($1::text::xid8, $2::text[]::xid8[], $3::text[]::xid8[], $4::bigint[], $5::int) o ON true`,
};

const NAMED = `SELECT FROM unnest($1::text[]::xid8[], $2::bigint[]) AS done(xact, id)
      WHERE o."xact" = done.xact AND o."id" = done.id`;

const DELETE = {
  name: 'outbox_delete',
  text: `DELETE FROM sessions."Outbox" o USING unnest($1::text[]::xid8[], $2::bigint[], $3::text[]) AS done(xact, id, master)
    WHERE o."xact" = done.xact AND o."id" = done.id
      AND EXISTS (SELECT FROM sessions."Masters" m WHERE m."since" ? done.master)
    RETURNING o."id"::text AS id`,
};

const GIVE_UP = {
  name: 'outbox_give_up',
  text: `DELETE FROM sessions."Outbox" o WHERE EXISTS (${NAMED})`,
};

const CARRIED = {
  name: 'outbox_carried',
  text: `SELECT FROM sessions.outbox_carried($1::text[], $2::text[], $3::bigint[], $4::text[])`,
};

const DELETE_SEEN = {
  name: 'outbox_delete_seen',
  text: `WITH seen AS (
      SELECT "xact", "id" FROM sessions."Outbox" WHERE pg_visible_in_snapshot("xact", $1::text::pg_snapshot)
      LIMIT $2::int FOR UPDATE SKIP LOCKED
    ), deleted AS (
      DELETE FROM sessions."Outbox" o USING seen WHERE o."xact" = seen."xact" AND o."id" = seen."id" RETURNING 1
    )
    SELECT count(*)::float8 AS rows FROM deleted`,
};

const DEPTH = {
  name: 'outbox_depth',
  text: `SELECT count(*)::float8 AS rows FROM (SELECT FROM sessions."Outbox" LIMIT 100000) counted`,
};

const FROM_THE_BEGINNING: Pick<OutboxPlace, 'from' | 'open'> = { from: '0', open: [] };

type LookRow = { snapshot: string } & (OutboxRow | { xact: null });

/** The table `sessions."Outbox"`, one round trip a verb, no lock held between them. */
export class PostgresOutbox implements Outbox {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async look(
    since: OutboxPlace | null,
    named: readonly OutboxRowName[],
    limit: number,
  ): Promise<OutboxLook> {
    const { from, open } = since ?? FROM_THE_BEGINNING;
    const rows = await this.#ask<LookRow>(LOOK, [from, open, ...columnsOf(named), limit]);
    return {
      place: placeOf(rows[0]?.snapshot ?? ''),
      rows: rows.flatMap(({ snapshot: _snapshot, ...row }) => (row.xact === null ? [] : [row])),
    };
  }

  async delete(rows: readonly (OutboxRowName & { master: string })[]): Promise<Set<string>> {
    if (rows.length === 0) return new Set();
    const values = [...columnsOf(rows), rows.map(({ master }) => master)];
    const deleted = await this.#ask<{ id: string }>(DELETE, values);
    return new Set(deleted.map(({ id }) => id));
  }

  async deleteCarried(changes: readonly CarriedChange[]): Promise<void> {
    await this.#ask(CARRIED, [
      changes.map(({ kind }) => kind),
      changes.map(({ key }) => key),
      changes.map(({ version }) => version),
      changes.map(({ master }) => master),
    ]);
  }

  async giveUp(rows: readonly OutboxRowName[]): Promise<void> {
    if (rows.length > 0) await this.#ask(GIVE_UP, columnsOf(rows));
  }

  deleteSeen({ snapshot }: OutboxPlace, limit: number): Promise<number> {
    return this.#count(DELETE_SEEN, [snapshot, limit]);
  }

  depth(): Promise<number> {
    return this.#count(DEPTH, []);
  }

  async #count(statement: Statement, values: readonly unknown[]): Promise<number> {
    return (await this.#ask<{ rows: number }>(statement, values))[0]?.rows ?? 0;
  }

  #ask<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return ask<Row>(this.#sql, statement, values);
  }
}

function columnsOf(rows: readonly OutboxRowName[]): [string[], string[]] {
  return [rows.map(({ xact }) => xact), rows.map(({ id }) => id)];
}

/** PostgreSQL writes `xmin:xmax:xip,xip`. */
function placeOf(snapshot: string): OutboxPlace {
  const [, from = '0', open = ''] = snapshot.split(':');
  return { snapshot, from, open: open === '' ? [] : open.split(',') };
}
