import { cleanText, IP_LENGTH, USER_AGENT_LENGTH } from '../policy/text.ts';
import type { InheritedRecords, InheritedSession, SqlRunner } from '../types/index.ts';
import { bytes } from './postgres-columns.ts';
import { ask, isStorable } from './postgres-sql.ts';

/**
 * A beginning in the future counts as now, so that no clock of before makes a session immortal. A
 * sessionId that was rotated away has its record already.
 */
const INHERIT = {
  name: 'session_inherit',
  text: `WITH owner AS (
      SELECT (o).* FROM (SELECT "id" FROM public."User" WHERE "id" = $3 FOR KEY SHARE) u, LATERAL sessions.subject_of(u."id") o
    ), inherited AS (
      INSERT INTO sessions."Session" ("id", "digest", "subject", "stamp", "idVersion", "createdAt", "lastSeenAt", "authenticatedAt", "expiresAt", "absoluteExpiresAt", "ip", "userAgent")
      SELECT $1::uuid, ${bytes(2)}, owner."id", 0, owner."version", began.at, statement_timestamp(), began.at,
        least(
          to_timestamp($5::float8 / 1000),
          began.at + $6::float8 * interval '1 millisecond',
          statement_timestamp() + $7::float8 * interval '1 millisecond'
        ),
        began.at + $6::float8 * interval '1 millisecond', nullif($8, ''), $9
      FROM owner, (SELECT least(to_timestamp($4::float8 / 1000), statement_timestamp()) AS at) began
      WHERE NOT EXISTS (SELECT 1 FROM sessions."Session" known WHERE known."previousDigest" = ${bytes(2)})
      ON CONFLICT ("digest") DO NOTHING
    )
    SELECT 1 FROM owner`,
};

/** Puts sessions of the document's design into the table `sessions."Session"`, in realm `web`. */
export class PostgresInheritedSessions implements InheritedRecords {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async inherit(session: InheritedSession): Promise<boolean> {
    const { created_at, expires_at, ip, user_agent, user_id } = session.data;
    if (!isStorable(user_id)) return false;
    const times = [created_at, expires_at, session.absoluteMs, session.maxAgeMs];
    const origin = [
      cleanText(ip, IP_LENGTH),
      user_agent && cleanText(user_agent, USER_AGENT_LENGTH),
    ];
    const values = [session.handle, session.digest, user_id, ...times, ...origin];
    return (await ask<object>(this.#sql, INHERIT, values)).length > 0;
  }
}
