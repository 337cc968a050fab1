import type { MockUserManager } from '@repo/exchange-core';
import { isExpired } from '../policy/expiry.ts';
import { LIMITS } from '../policy/limits.ts';
import { hashOf, sameInCopies } from '../policy/user.ts';
import type { EndReason, SessionActor, User } from '../types/index.ts';
import type { MemoryClock } from './memory-keys.ts';
import { FRESH, MemorySessions, type NewSessionRow, type SessionRow } from './memory-sessions.ts';

/** What is kept beside a user of the domain's own manager. */
export interface UserRow {
  user: User;
  version: number;
  /** Sessions are stamped with it; those with a stamp below a floor have ended. */
  counter: number;
  floor: number;
  readonly realmFloors: Map<string, number>;
  /** The version with the latest change of role. */
  roleVersion: number;
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
  readonly #sessions = new MemorySessions();
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
      this.#sessions.delete(session);
      this.#endActed(({ handle }) => handle === session.handle);
    }
    return null;
  }

  /**
   * Notes a user as it is now, whoever changed it: a change that copies show raises the version, a
   * change of the hash raises the floor as well, which ends all sessions but the one to keep.
   */
  observe(user: User, keepHandle?: string): UserRow {
    const row = this.#rows.get(user.id) ?? this.#insertUser(user);
    if (hashOf(row.user) !== hashOf(user)) this.raise(row, null, 'password-changed', keepHandle);
    else if (!sameInCopies(row.user, user)) row.version = this.nextVersion();
    const isDemoted = row.user.role === 'ADMIN' && user.role !== 'ADMIN';
    if (isDemoted) this.#endActed(({ userId }) => userId === user.id);
    if (row.user.role !== user.role) row.roleVersion = row.version;
    row.user = { ...user };
    return row;
  }

  /** Ends the user's sessions, of one realm or (`null`) of all, but the one to keep; how many ended. */
  raise(row: UserRow, realm: string | null, reason: EndReason, keepHandle?: string): number {
    const live = this.liveSessionsOf(row).filter((each) => realm === null || each.realm === realm);
    const ended = live.filter(({ handle }) => handle !== keepHandle);
    row.counter += 1;
    row.version = this.nextVersion();
    if (realm === null) {
      row.floor = row.counter;
      row.realmFloors.clear();
    } else row.realmFloors.set(realm, row.counter);
    for (const session of live) if (!ended.includes(session)) session.stamp = row.counter;
    for (const session of ended) this.end(session, reason);
    return ended.length;
  }

  /** The session that has this digest now. */
  session(digest: string): SessionRow | undefined {
    return this.#sessions.get(digest);
  }

  /** The session that has this digest, or had it before its last rotation. */
  sessionNamed(digest: string): SessionRow | undefined {
    return this.#sessions.get(digest) ?? this.#sessions.getPrevious(digest);
  }

  sessionsOf(userId: string): SessionRow[] {
    return this.#sessions.all().filter((session) => session.userId === userId);
  }

  sessionsWhere(chosen: (session: SessionRow) => boolean): SessionRow[] {
    return this.#sessions.all().filter(chosen);
  }

  liveSessionsOf(row: UserRow): SessionRow[] {
    return this.sessionsOf(row.user.id).filter((session) => this.isLive(session, row));
  }

  insert(session: NewSessionRow): SessionRow {
    this.#sweep();
    const row = { ...FRESH, ...session, version: this.nextVersion() };
    this.#sessions.add(row);
    return row;
  }

  /** Gives a session its next digest; a user's inbox that named it does so still. The digests whose grace that cuts short. */
  rotate(session: SessionRow, owner: UserRow, next: string): string[] {
    if (owner.inbox === session.digest) owner.inbox = next;
    session.version = this.nextVersion();
    return this.#sessions.rotate(session, next, this.now(), owner.version);
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
    for (const session of this.#sessions.acted((actor) => actor.handle === handle)) {
      session.expiresAt = Math.min(session.expiresAt, expiresAt);
      session.absoluteExpiresAt = Math.min(session.absoluteExpiresAt, expiresAt);
      session.version = this.nextVersion();
    }
  }

  /** The one rule of life. */
  isLive(session: SessionRow, { floor, realmFloors }: UserRow): boolean {
    if (session.revokedAt !== null || session.stamp < floor) return false;
    if (session.stamp < (realmFloors.get(session.realm) ?? 0)) return false;
    return !isExpired(session.expiresAt, this.now());
  }

  /** Deletes up to `limit` rows that ended more than `olderThanMs` ago; how many. */
  deleteEnded(limit: number, olderThanMs: number): number {
    const before = this.now() - olderThanMs;
    const chosen = this.#sessions.endedBefore(before, limit);
    for (const session of chosen) this.#sessions.delete(session);
    return chosen.length;
  }

  /** One sequence for everything, so that an id made again is never older than what it was before. */
  nextVersion(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  #endActed(chosen: (actor: SessionActor) => boolean): void {
    for (const session of this.#sessions.acted(chosen)) {
      this.end(session, 'actor-ended');
      this.#onActedEnd(session);
    }
  }

  #insertUser(user: User): UserRow {
    const row = {
      user,
      version: this.nextVersion(),
      counter: 0,
      floor: 0,
      realmFloors: new Map<string, number>(),
      roleVersion: 0,
      inbox: null,
    };
    this.#rows.set(user.id, row);
    return row;
  }

  #sweep(): void {
    if (this.now() < this.#sweepAt) return;
    this.#sweepAt = this.now() + SWEEP_EVERY;
    this.deleteEnded(Number.POSITIVE_INFINITY, LIMITS.KEEP_ENDED);
  }
}
