import { enderOf } from '../policy/ender.ts';
import type { AuditEntry, AuditLines, EndReason, SqlRunner } from '../types/index.ts';
import { ask, isStorable } from './postgres-sql.ts';

const TRIGGERS = [
  'Session_7_audit_created',
  'Session_8_audit_confirmed',
  'Session_9_audit_revoked',
  'Session_9_audit_deleted',
];

const LIST = {
  name: 'audit_list',
  text: `SELECT (extract(epoch FROM "at") * 1000)::float8 AS at, "kind" AS kind, "realm" AS realm,
      "handle"::text AS handle, "reason" AS reason, "actor" AS actor, "ip" AS ip, "userAgent" AS agent
    FROM sessions."Audit" WHERE "userId" = $1 ORDER BY "at" DESC, "id" DESC LIMIT $2::int`,
};

const FORGET = {
  name: 'audit_forget',
  text: 'SELECT sessions.audit_forget($1, $2) AS deleted',
};

interface AuditRow extends Omit<AuditEntry, 'by' | 'userAgent'> {
  agent: string | null;
}

/** The table `sessions."Audit"`: triggers write it, nothing changes it. */
export class PostgresAudit implements AuditLines {
  readonly keepMs: number | null;
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner, keepMs: number | null = null) {
    this.#sql = sql;
    this.keepMs = keepMs;
  }

  /** From the next transaction on, in every process. Waits until those that write sessions now have ended. */
  async switchTo(state: 'on' | 'off'): Promise<void> {
    const verb = state === 'on' ? 'ENABLE' : 'DISABLE';
    const changes = TRIGGERS.map((name) => `${verb} TRIGGER "${name}"`);
    const sessions = `ALTER TABLE sessions."Session" ${changes.join(', ')}`;
    await ask(this.#sql, { name: `audit_${state}`, text: sessions }, []);
    const raises = `ALTER TABLE sessions."Raise" ${verb} TRIGGER "Raise_1_audit"`;
    await ask(this.#sql, { name: `audit_${state}_raises`, text: raises }, []);
  }

  /** What happened to a user's sessions, also of a user who is gone; the latest first. */
  async list(userId: string, limit: number): Promise<AuditEntry[]> {
    if (!isStorable(userId)) return [];
    const rows = await ask<AuditRow>(this.#sql, LIST, [userId, limit]);
    return rows.map(({ agent, ...row }) => ({ ...row, by: byOf(userId, row), userAgent: agent }));
  }

  async deleteOld(limit: number, olderThanMs: number): Promise<number> {
    const rows = await ask<{ deleted: number }>(this.#sql, FORGET, [limit, olderThanMs]);
    return rows[0]?.deleted ?? 0;
  }
}

/** An end without a reason was typed into psql: nobody is known to have asked for it. */
function byOf(
  userId: string,
  { actor, kind, reason }: Pick<AuditEntry, 'actor' | 'kind' | 'reason'>,
): AuditEntry['by'] {
  if (kind !== 'revoked' && kind !== 'all-revoked') return null;
  if (reason === null) return actor === null ? 'system' : 'administrator';
  return enderOf(userId, reason as EndReason, actor ?? undefined).by;
}
