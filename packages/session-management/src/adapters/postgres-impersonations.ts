import {
  ImpersonationRefusedError,
  type Impersonations,
  type LiveSession,
  type NewImpersonation,
  SessionRevokedError,
  type SqlRunner,
  UserNotFoundError,
} from '../types/index.ts';
import { bytes, SESSION, type SessionRow } from './postgres-columns.ts';
import { liveSessionOf } from './postgres-rows.ts';
import { ask, isStorable } from './postgres-sql.ts';

const IMPERSONATE = {
  name: 'session_impersonate',
  text: `SELECT refused, ${SESSION}
    FROM sessions.impersonate($1::uuid, ${bytes(2)}, ${bytes(3)}, $4, $5, $6::bigint, $7, $8)`,
};

/** Sessions of administrators in the place of users, in the table `sessions."Session"`. */
export class PostgresImpersonations implements Impersonations {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async open(session: NewImpersonation): Promise<LiveSession> {
    const { actorDigest, digest, handle, ip, realm, ttlMs, userAgent, userId } = session;
    if (!isStorable(userId)) throw new UserNotFoundError();

    const values = [handle, digest, actorDigest, userId, realm, ttlMs, ip, userAgent];
    const [made] = await ask<SessionRow & { refused: boolean }>(this.#sql, IMPERSONATE, values);
    if (made === undefined) throw new UserNotFoundError();
    if (made.refused) throw new ImpersonationRefusedError();
    // Said twice, and ended in between: it must not come back.
    if (made.state !== 'live' || made.user_id !== userId) throw new SessionRevokedError();
    return liveSessionOf(made);
  }
}
