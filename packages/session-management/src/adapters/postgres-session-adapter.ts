import { FIRST_PAGE, LIMITS } from '../policy/limits.ts';
import {
  type ByRole,
  type CreatedSession,
  type EndedSessions,
  type EndedUser,
  type EndReason,
  type ListedSession,
  type LiveSession,
  type NewSession,
  ProofOutdatedError,
  type RecordAnswer,
  type Renewal,
  type Rotation,
  type SessionCopy,
  SessionLimitReachedError,
  type SessionPage,
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
import { ask, handleOf, isRefusal, isStorable, type Statement } from './postgres-sql.ts';

type SessionAnswer = SessionRow & { standby: boolean };
type ListedRow = ListedColumns & { standby: boolean };
type RotatedRow = SessionAnswer & { ended: string | null };
type CreatedRow = SessionAnswer & {
  outcome: 'opened' | 'limit' | 'outdated';
  ended: string[];
  ended_handles: string[];
};
interface EndedRow extends Pick<SessionRow, 'digest' | 'handle' | 'realm' | 'user_id'> {
  previous: string | null;
  /** Whether this statement ended it. */
  fresh: boolean;
}

interface ActedRow extends EndedRow {
  actor: string | null;
}

/**
 * The record of sessions: the table `sessions."Session"`, one round trip a verb.
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

  async createMany(sessions: readonly NewSession[]): Promise<Map<string, LiveSession>> {
    const storable = sessions.filter(({ userId }) => isStorable(userId));
    const column = <T>(of: (session: NewSession) => T): T[] => storable.map(of);
    const values = [
      column(({ handle }) => handle),
      column(({ digest }) => digest),
      column(({ userId }) => userId),
      column(({ realm }) => realm),
      column(({ ttlMs }) => ttlMs),
      column(({ absoluteMs }) => absoluteMs),
      column(({ ip }) => ip),
      column(({ userAgent }) => userAgent),
      column(({ termsOfRole }) => JSON.stringify(termsOfRole)),
      column(({ provedBy }) => provedBy),
    ];
    try {
      const rows = await this.#ask<SessionRow>(statements.CREATE_MANY, values);
      return new Map(rows.map((row) => [row.digest, liveSessionOf(row)]));
    } catch (error) {
      // One of them has something that no column takes; said alone, it fails only itself.
      if (isRefusal(error)) return new Map();
      throw error;
    }
  }

  async create(session: NewSession): Promise<CreatedSession> {
    const { absoluteMs, digest, handle, ip, limit, realm, ttlMs, userAgent, userId } = session;
    if (!isStorable(userId)) throw new UserNotFoundError();

    const row = [handle, digest, userId, realm, ttlMs, absoluteMs, ip, userAgent];
    const rules = [limit?.most ?? null, limit?.rule ?? null, JSON.stringify(session.termsOfRole)];
    const values = [...row, ...rules, session.provedBy];
    const [made] = await this.#ask<CreatedRow>(statements.CREATE, values);
    if (made === undefined) throw new UserNotFoundError();
    if (made.outcome === 'limit') throw new SessionLimitReachedError();
    if (made.outcome === 'outdated') throw new ProofOutdatedError();
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

  async endByHandle(
    userId: string,
    realm: string,
    handle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<EndedSessions> {
    const named = handleOf(handle);
    if (!isStorable(userId) || named === null) return { count: 0, digests: [], ended: [] };
    const values = [userId, realm, named, reason, actor ?? null];
    return endedOf(await this.#ask<EndedRow>(statements.END_BY_HANDLE, values));
  }

  endOthers(
    userId: string,
    realm: string,
    keepHandle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<EndedUser> {
    return this.#endMany(userId, [realm, handleOf(keepHandle), reason, actor]);
  }

  endAll(userId: string, reason: EndReason, actor?: string): Promise<EndedUser> {
    return this.#endMany(userId, [null, null, reason, actor]);
  }

  async list(
    userId: string,
    realm: string,
    { after, limit }: SessionPage = FIRST_PAGE,
  ): Promise<ListedSession[]> {
    const last = after === null ? null : handleOf(after);
    if (!isStorable(userId) || (after !== null && last === null)) return [];
    const rows = await this.#ask<ListedRow>(statements.LIST, [userId, realm, last, limit]);
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
    const named = handleOf(handle);
    if (!isStorable(userId) || named === null) return false;
    return (await this.#ask(statements.LABEL, [userId, realm, named, label])).length > 0;
  }

  async touch(handles: readonly string[], everyMs: number): Promise<void> {
    const named = handles.flatMap((handle) => handleOf(handle) ?? []);
    if (named.length > 0) await this.#ask(statements.TOUCH, [named, everyMs]);
  }

  async renew(asked: readonly Renewal[]): Promise<SessionCopy[]> {
    const due = asked.filter(({ handle }) => handleOf(handle) !== null);
    const values = [
      due.map(({ handle }) => handle),
      due.map(({ idle }) => idle?.timeoutMs ?? 0),
      due.map(({ idle }) => idle?.updateAgeMs ?? 0),
      due.map(({ absoluteMs }) => absoluteMs),
    ];
    const rows = await this.#ask<SessionColumns>(statements.RENEW, values);
    return rows.map(sessionCopyOf);
  }

  async markEnded(limit: number): Promise<number> {
    const values = [limit, LIMITS.KEEP_ENDED];
    const rows = await this.#ask<{ marked: number }>(statements.MARK_ENDED, values);
    return rows[0]?.marked ?? 0;
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

  async #endMany(
    userId: string,
    [realm, keep, reason, actor]: [string | null, string | null, EndReason, string | undefined],
  ): Promise<EndedUser> {
    if (!isStorable(userId)) return { count: 0, user: null };
    const values = [userId, realm, keep, reason, actor ?? null];
    const [row] = await this.#ask<UserRow & { ended: number }>(statements.END_MANY, values);
    if (row === undefined) return { count: 0, user: null };
    return { count: row.ended, user: userCopyOf(row) };
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
