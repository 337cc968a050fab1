import { LIMITS } from '../policy/limits.ts';
import type { Outbox, OutboxItem, SqlRunner } from '../types/index.ts';
import * as statements from './postgres-outbox-statements.ts';
import { fromPrimary } from './postgres-rows.ts';
import { ask, type Statement } from './postgres-sql.ts';

/**
 * The table `sessions."Outbox"`, one round trip a verb, no lock held between them. A claim lasts 1 s.
 *
 * A standby answers nothing here: what it does not have yet would look like work that is done.
 */
export class PostgresOutbox implements Outbox {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  claim(limit: number, masters?: readonly string[]): Promise<OutboxItem[]> {
    return masters === undefined
      ? this.#ask<OutboxItem>(statements.CLAIM_WAITING, [limit])
      : this.#ask<OutboxItem>(statements.CLAIM_FOR, [limit, masters, LIMITS.W]);
  }

  async mark(ids: readonly number[], master: string): Promise<void> {
    if (ids.length > 0) await this.#ask(statements.MARK, [ids, master]);
  }

  async release(ids: readonly number[]): Promise<void> {
    await this.#ask(statements.RELEASE, [ids]);
  }

  async hasWork(masters: readonly string[]): Promise<boolean> {
    const values = [masters, LIMITS.W];
    const rows = await this.#ask<{ standby: boolean; work: boolean }>(statements.HAS_WORK, values);
    return fromPrimary(statements.HAS_WORK.name, rows).some(({ work }) => work);
  }

  depth(): Promise<number> {
    return this.#count(statements.DEPTH, []);
  }

  deleteOld(limit: number): Promise<number> {
    return this.#count(statements.DELETE_OLD, [limit, LIMITS.W]);
  }

  async #count(statement: Statement, values: readonly unknown[]): Promise<number> {
    return (await this.#ask<{ rows: number }>(statement, values))[0]?.rows ?? 0;
  }

  #ask<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return ask<Row>(this.#sql, statement, values);
  }
}
