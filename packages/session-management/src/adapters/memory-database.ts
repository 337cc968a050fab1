import type { MockUserManager } from '@repo/exchange-core';
import { isExpired } from '../policy/expiry.ts';
import { LIMITS } from '../policy/limits.ts';
import { hashOf, sameInCopies } from '../policy/user.ts';
import type { EndReason, SessionActor, SessionCopy, User } from '../types/index.ts';
import type { MemoryClock } from './memory-keys.ts';

/** One session, with the columns of the record. */
export interface SessionRow extends Omit<SessionCopy, 'confirmedAt'> {
  lastSeenAt: number;
  label: string | null;
  revokedAt: number | null;
  revokedReason: EndReason | null;
}

/** What a new row begins with. */
type Fresh = 'version' | 'actor' | 'label' | 'revokedAt' | 'revokedReason';

/** What is kept beside a user of the domain's own manager. */
export interface UserRow {
  user: User;
  sessionEpoch: number;
  version: number;
  /** The digest that the column `sessionId` names. */
  inbox: string | null;
}

/** How often, at most, an insert looks for rows that ended long ago. In milliseconds. */
const SWEEP_EVERY = 60_000;

/**
 * The tables of mock mode: sessions, and what a session layer keeps beside a user. Synchronous,
 * but for `exclusive`; the users themselves stay in the domain's manager.
 */
export class MemoryDatabase {
  readonly users: MockUserManager;
  readonly #clock: MemoryClock;
  readonly #onActedEnd: (session: SessionRow) => void;
  readonly #sessions = new Map<string, SessionRow>();
  readonly #rows = new Map<string, UserRow>();
  #sequence = 0;
  #sweepAt = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onActedEnd - Hears of sessions that end with the one they were opened by. */
  constructor(
    users: MockUserManager,
    clock: MemoryClock,
    onActedEnd: (session: SessionRow) => void = () => undefined,
  ) {
    this.#onActedEnd = onActedEnd;
    this.users = users;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Runs one piece of work at a time, in the order of the calls: what locks and transactions do elsewhere. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** The user and what is kept beside it; `null` when there is no such user, whose sessions then go too. */
  async rowOf(userId: string): Promise<UserRow | null> {
    const user = await this.users.findById(userId);
    if (user) return this.observe(user);
    this.#rows.delete(userId);
    for (const session of this.sessionsOf(userId)) {
      this.#sessions.delete(session.digest);
      this.#endActed(({ handle }) => handle === session.handle);
    }
    return null;
  }

  /**
   * Notes a user as it is now, whoever changed it: a change that copies show raises the version, a
   * change of the hash raises the epoch as well, which ends all sessions but the one to keep.
   */
  observe(user: User, keepHandle?: string): UserRow {
    const row = this.#rows.get(user.id) ?? this.#insertUser(user);
    if (hashOf(row.user) !== hashOf(user)) this.raiseEpoch(row, 'password-changed', keepHandle);
    else if (!sameInCopies(row.user, user)) row.version = this.nextVersion();
    const isDemoted = row.user.role === 'ADMIN' && user.role !== 'ADMIN';
    if (isDemoted) this.#endActed(({ userId }) => userId === user.id);
    row.user = { ...user };
    return row;
  }

  /** Ends the user's sessions, in every realm, but the one to keep; how many ended. */
  raiseEpoch(row: UserRow, reason: EndReason, keepHandle?: string): number {
    const live = this.liveSessionsOf(row);
    const ended = live.filter(({ handle }) => handle !== keepHandle);
    row.sessionEpoch += 1;
    row.version = this.nextVersion();
    for (const session of ended) this.end(session, reason);
    for (const session of live) {
      if (session.revokedAt !== null) continue;
      session.epoch = row.sessionEpoch;
      session.version = this.nextVersion();
    }
    return ended.length;
  }

  session(digest: string): SessionRow | undefined {
    return this.#sessions.get(digest);
  }

  sessionsOf(userId: string): SessionRow[] {
    return [...this.#sessions.values()].filter((session) => session.userId === userId);
  }

  sessionsByHandle(handles: readonly string[]): SessionRow[] {
    const wanted = new Set(handles);
    return [...this.#sessions.values()].filter((session) => wanted.has(session.handle));
  }

  liveSessionsOf(row: UserRow): SessionRow[] {
    return this.sessionsOf(row.user.id).filter((session) => this.isLive(session, row));
  }

  insert(session: Omit<SessionRow, Fresh> & { actor?: SessionActor }): SessionRow {
    this.#sweep();
    const fresh = { actor: null, label: null, revokedAt: null, revokedReason: null };
    const row = { ...fresh, ...session, version: this.nextVersion() };
    this.#sessions.set(row.digest, row);
    return row;
  }

  /** Ends also what was opened by it in the place of users. */
  end(session: SessionRow, reason: EndReason): void {
    session.revokedAt = this.now();
    session.revokedReason = reason;
    session.version = this.nextVersion();
    this.#endActed(({ handle }) => handle === session.handle);
  }

  /** What was opened by a session does not outlive it. */
  shortenActed({ expiresAt, handle }: SessionRow): void {
    for (const session of this.#acted((actor) => actor.handle === handle)) {
      session.expiresAt = Math.min(session.expiresAt, expiresAt);
      session.version = this.nextVersion();
    }
  }

  /** The one rule of life. */
  isLive(session: SessionRow, { sessionEpoch }: UserRow): boolean {
    if (session.revokedAt !== null || session.epoch < sessionEpoch) return false;
    return !isExpired(session.expiresAt, this.now());
  }

  /** Deletes up to `limit` rows that ended more than `olderThanMs` ago; how many. */
  deleteEnded(limit: number, olderThanMs: number): number {
    const before = this.now() - olderThanMs;
    const ended = [...this.#sessions.values()].filter(
      (session) =>
        Math.min(session.expiresAt, session.revokedAt ?? Number.POSITIVE_INFINITY) < before,
    );
    const chosen = ended.slice(0, limit);
    for (const { digest } of chosen) this.#sessions.delete(digest);
    return chosen.length;
  }

  /** One sequence for everything, so that an id made again is never older than what it was before. */
  nextVersion(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  #acted(chosen: (actor: SessionActor) => boolean): SessionRow[] {
    return [...this.#sessions.values()].filter(
      ({ actor, revokedAt }) => actor !== null && revokedAt === null && chosen(actor),
    );
  }

  #endActed(chosen: (actor: SessionActor) => boolean): void {
    for (const session of this.#acted(chosen)) {
      this.end(session, 'actor-ended');
      this.#onActedEnd(session);
    }
  }

  #insertUser(user: User): UserRow {
    const row = { user, sessionEpoch: 0, version: this.nextVersion(), inbox: null };
    this.#rows.set(user.id, row);
    return row;
  }

  #sweep(): void {
    if (this.now() < this.#sweepAt) return;
    this.#sweepAt = this.now() + SWEEP_EVERY;
    this.deleteEnded(Number.POSITIVE_INFINITY, LIMITS.KEEP_ENDED);
  }
}
