import {
  type ByRole,
  type CreatedSession,
  type EndedSessions,
  type EndedUser,
  type EndReason,
  type ListedSession,
  type LiveSession,
  type NewSession,
  type RecordAnswer,
  type Renewal,
  type Rotation,
  type SessionCopy,
  SessionLimitReachedError,
  type SessionRecords,
  SessionRevokedError,
  type SqlRunner,
  UserNotFoundError,
} from '../types/index.ts';
import type { ListedColumns, SessionColumns, SessionRow, UserRow } from './postgres-columns.ts';
import {
  answerOf,
  fromPrimary,
  listedOf,
  liveSessionOf,
  nameOf,
  READ,
  sessionCopyOf,
  userCopyOf,
} from './postgres-rows.ts';
import * as statements from './postgres-session-statements.ts';
import { ask, isStorable, type Statement } from './postgres-sql.ts';

type SessionAnswer = SessionRow & { standby: boolean };
type ListedRow = ListedColumns & { standby: boolean };
type RotatedRow = SessionAnswer & { ended: string | null };
type CreatedRow = SessionAnswer & { ended: string[]; ended_handles: string[] };
interface EndedRow extends Pick<SessionRow, 'digest' | 'handle' | 'realm' | 'user_id'> {
  previous: string | null;
  /** Whether this statement ended it. */
  fresh: boolean;
}

interface ActedRow extends EndedRow {
  actor: string | null;
}

/**
 * The record of sessions: the table `"Session"`, one round trip a verb.
 *
 * Longer than other files: one verb of the port after the other.
 */
export class PostgresSessionAdapter implements SessionRecords {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async read(digests: readonly string[]): Promise<Map<string, RecordAnswer>> {
    if (digests.length === 0) return new Map();
    const rows = await this.#ask<SessionAnswer & { asked: string }>(READ, [digests]);
    return new Map(fromPrimary(READ.name, rows).map((row) => [row.asked, answerOf(row)]));
  }

  async create(session: NewSession): Promise<CreatedSession> {
    const { absoluteMs, digest, handle, ip, limit, realm, ttlMs, userAgent, userId } = session;
    if (!isStorable(userId)) throw new UserNotFoundError();

    const row = [handle, digest, userId, realm, ttlMs, absoluteMs, ip, userAgent];
    const values = [...row, limit?.most ?? null, limit?.rule ?? null];
    const roles = JSON.stringify(session.termsOfRole);
    const [made] = await (roles === '{}'
      ? this.#ask<CreatedRow>(statements.CREATE, values)
      : this.#ask<CreatedRow>(statements.CREATE_BY_ROLE, [...values, roles]));
    if (made === undefined) throw new UserNotFoundError();
    if (made.state === 'unknown') throw new SessionLimitReachedError();
    // Said twice, and ended in between: it must not come back.
    if (made.state !== 'live' || made.user_id !== userId || made.realm !== realm) {
      throw new SessionRevokedError();
    }
    const ended = made.ended_handles.map((name) => ({ userId, realm, handle: name }));
    const madeRoom = { count: ended.length, digests: made.ended, ended };
    return { ...liveSessionOf(made), madeRoom };
  }

  async extend(
    digest: string,
    ttlMs: number,
    ttlOfRole: ByRole<number> = {},
  ): Promise<LiveSession | null> {
    const values = [digest, ttlMs, JSON.stringify(ttlOfRole)];
    const [extended] = await this.#ask<SessionAnswer>(statements.EXTEND, values);
    return extended === undefined ? null : liveSessionOf(extended);
  }

  async confirmIdentity(digest: string): Promise<LiveSession | null> {
    const [marked] = await this.#ask<SessionAnswer>(statements.CONFIRM_IDENTITY, [digest]);
    return marked === undefined ? null : liveSessionOf(marked);
  }

  async rotate(digest: string, next: string): Promise<Rotation> {
    const rows = await this.#ask<RotatedRow>(statements.ROTATE, [digest, next]);
    const live = rows.find((row) => row.digest === next);
    const before = rows.find((row) => row.digest === digest);
    if (before === undefined) return { state: 'unknown' };
    if (live?.state === 'live') {
      const ended = live.ended === null ? [] : [live.ended];
      return { state: 'rotated', live: liveSessionOf(live), before: sessionCopyOf(before), ended };
    }
    if (before.state === 'live') return { state: 'in-grace' };
    return { state: before.state === 'past-grace' ? 'revoked' : before.state };
  }

  async endByDigest(digest: string, reason: EndReason): Promise<EndedSessions> {
    const rows = await this.#ask<ActedRow>(statements.END_BY_DIGEST, [digest, reason]);
    const actor = rows[0]?.actor ?? null;
    return { ...endedOf(rows), ...(actor === null ? {} : { actor }) };
  }

  endByHandle(
    userId: string,
    realm: string,
    handle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<EndedSessions> {
    return this.#endOfUser(statements.END_BY_HANDLE, userId, [realm, handle, reason, actor]);
  }

  endOthers(
    userId: string,
    realm: string,
    keepHandle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<EndedSessions> {
    return this.#endOfUser(statements.END_OTHERS, userId, [realm, keepHandle, reason, actor]);
  }

  async endAll(userId: string, reason: EndReason, actor?: string): Promise<EndedUser> {
    if (!isStorable(userId)) return { count: 0, user: null };
    const [row] = await this.#ask<UserRow & { ended: number }>(statements.END_ALL, [
      userId,
      reason,
      actor ?? null,
    ]);
    return row === undefined
      ? { count: 0, user: null }
      : { count: row.ended, user: userCopyOf(row) };
  }

  async list(userId: string, realm: string): Promise<ListedSession[]> {
    if (!isStorable(userId)) return [];
    const rows = await this.#ask<ListedRow>(statements.LIST, [userId, realm]);
    // Where there is no session, the one row says only whose word it is.
    return fromPrimary(statements.LIST.name, rows)
      .filter(({ handle }) => handle !== null)
      .map((row) => listedOf(row, userId, realm));
  }

  async count(realm: string, most: number): Promise<number> {
    const rows = await this.#ask<{ count: number; standby: boolean }>(statements.COUNT, [
      realm,
      most,
    ]);
    return fromPrimary(statements.COUNT.name, rows)[0]?.count ?? 0;
  }

  async label(
    userId: string,
    realm: string,
    handle: string,
    label: string | null,
  ): Promise<boolean> {
    if (!isStorable(userId) || !isStorable(handle)) return false;
    return (await this.#ask(statements.LABEL, [userId, realm, handle, label])).length > 0;
  }

  async touch(handles: readonly string[], everyMs: number): Promise<void> {
    if (handles.length > 0) await this.#ask(statements.TOUCH, [handles, everyMs]);
  }

  async renew(due: readonly Renewal[]): Promise<SessionCopy[]> {
    const values = [
      due.map(({ handle }) => handle),
      due.map(({ idle }) => idle?.timeoutMs ?? 0),
      due.map(({ idle }) => idle?.updateAgeMs ?? 0),
      due.map(({ absoluteMs }) => absoluteMs),
    ];
    const rows = await this.#ask<SessionColumns>(statements.RENEW, values);
    return rows.map(sessionCopyOf);
  }

  async deleteEnded(limit: number, olderThanMs: number): Promise<number> {
    const rows = await this.#ask<{ deleted: number }>(statements.DELETE_ENDED, [
      limit,
      olderThanMs,
    ]);
    return rows[0]?.deleted ?? 0;
  }

  async ping(): Promise<number> {
    const rows = await this.#ask<{ now: number; standby: boolean }>(statements.PING, []);
    return fromPrimary(statements.PING.name, rows)[0]?.now ?? Number.NaN;
  }

  async #endOfUser(
    statement: Statement,
    userId: string,
    [realm, handle, reason, actor]: [string, string, EndReason, string | undefined],
  ): Promise<EndedSessions> {
    if (!isStorable(userId)) return { count: 0, digests: [], ended: [] };
    // A handle that PostgreSQL cannot hold is nobody's, as the empty one.
    const named = isStorable(handle) ? handle : '';
    return endedOf(
      await this.#ask<EndedRow>(statement, [userId, realm, named, reason, actor ?? null]),
    );
  }

  #ask<Row extends object>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return ask<Row>(this.#sql, statement, values);
  }
}

function endedOf(rows: readonly EndedRow[]): EndedSessions {
  const digests = rows.flatMap(({ digest, previous }) => [digest, previous]);
  return {
    count: rows.length,
    digests: digests.filter((digest) => digest !== null),
    ended: rows.filter(({ fresh }) => fresh).map(nameOf),
  };
}
