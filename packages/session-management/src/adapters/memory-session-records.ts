import { FIRST_PAGE } from '../policy/limits.ts';
import { sessionsOver } from '../policy/session-limit.ts';
import { hashOf } from '../policy/user.ts';
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
  type User,
  UserNotFoundError,
} from '../types/index.ts';
import {
  answerOf,
  endedOf,
  liveSessionOf,
  NOTHING,
  nameOf,
  newestFirst,
  sessionCopyOf,
  userCopyOf,
} from './memory-answers.ts';
import type { MemoryDatabase, UserRow } from './memory-database.ts';
import { askedOf, insertSession } from './memory-log-in.ts';
import { rotate } from './memory-rotation.ts';
import { digestsOf, type SessionRow } from './memory-sessions.ts';
import { liveWhere, renewSessions, touchSessions } from './memory-uses.ts';

/** How far the number of sessions that ended at once is counted. */
const MOST_COUNTED = 1_000;

/**
 * The record of mock mode, in the memory of this process.
 *
 * Longer than other files: one verb of the port after the other.
 */
export class MemorySessionRecords implements SessionRecords {
  readonly #db: MemoryDatabase;

  constructor(database: MemoryDatabase) {
    this.#db = database;
  }

  read(digests: readonly string[]): Promise<Map<string, RecordAnswer>> {
    return this.#db.exclusive(async () => {
      const answers = new Map<string, RecordAnswer>();
      for (const digest of digests) answers.set(digest, await answerOf(this.#db, digest));
      return answers;
    });
  }

  /** Each alone: there is no trip to share. */
  async createMany(): Promise<Map<string, LiveSession>> {
    return new Map();
  }

  create(asked: NewSession): Promise<CreatedSession> {
    return this.#db.exclusive(async () => {
      const owner = await this.#db.rowOf(asked.userId);
      if (owner === null) throw new UserNotFoundError();
      const session = askedOf(asked, owner);
      const { provedBy } = session;
      if (provedBy !== null && provedBy !== hashOf(owner.user)) throw new ProofOutdatedError();
      const known = this.#db.session(session.digest);
      const madeRoom = known ? NOTHING : this.#makeRoom(session, owner);
      const row = known ?? insertSession(this.#db, session, owner);
      // Said twice, and ended in between: it must not come back.
      if (row.userId !== session.userId || !this.#db.isLive(row, owner)) {
        throw new SessionRevokedError();
      }
      return { ...liveSessionOf(row, owner, this.#db.now()), madeRoom };
    });
  }

  extend(digest: string, ttlMs: number, ofRole: ByRole<number> = {}): Promise<LiveSession | null> {
    return this.#change(digest, (session, now, { role }) => {
      session.expiresAt = Math.min(now + (ofRole[role] ?? ttlMs), session.absoluteExpiresAt);
      this.#db.shortenActed(session);
    });
  }

  confirmIdentity(digest: string): Promise<LiveSession | null> {
    const prove = (session: SessionRow, now: number): void => {
      session.authenticatedAt = Math.max(session.authenticatedAt, now);
    };
    return this.#change(digest, prove, ({ actor }) => actor === null);
  }

  rotate(digest: string, next: string): Promise<Rotation> {
    return this.#db.exclusive(() => rotate(this.#db, digest, next));
  }

  endByDigest(digest: string, reason: EndReason): Promise<EndedSessions> {
    return this.#db.exclusive(async () => {
      const session = this.#db.sessionNamed(digest);
      if (!session) return NOTHING;
      const ended = session.revokedAt === null ? [nameOf(session)] : [];
      if (session.revokedAt === null) this.#db.end(session, reason);
      const actor = session.actor === null ? {} : { actor: session.actor.userId };
      return { count: 1, digests: digestsOf(session), ended, ...actor };
    });
  }

  endByHandle(
    userId: string,
    realm: string,
    handle: string,
    reason: EndReason,
  ): Promise<EndedSessions> {
    return this.#endWhere(userId, realm, reason, (session) => session.handle === handle);
  }

  endOthers(
    userId: string,
    realm: string,
    keepHandle: string,
    reason: EndReason,
  ): Promise<EndedUser> {
    return this.#endMany(userId, realm, reason, keepHandle);
  }

  endAll(userId: string, reason: EndReason): Promise<EndedUser> {
    return this.#endMany(userId, null, reason);
  }

  list(
    userId: string,
    realm: string,
    { after, limit }: SessionPage = FIRST_PAGE,
  ): Promise<ListedSession[]> {
    return this.#db.exclusive(async () => {
      const now = this.#db.now();
      const owner = await this.#db.rowOf(userId);
      if (owner === null) return [];
      const live = await this.#liveOf(userId, realm);
      const newest = live.sort(newestFirst);
      const last = newest.findIndex(({ handle }) => handle === after);
      const following =
        last >= 0
          ? newest.slice(last + 1)
          : newest.filter(({ handle }) => !after || handle < after);
      return following.slice(0, limit).map((session) => ({
        ...sessionCopyOf(session, owner, now),
        lastSeenAt: session.lastSeenAt,
        label: session.label,
      }));
    });
  }

  count(realm: string, most: number): Promise<number> {
    return this.#db.exclusive(async () => {
      const live = await liveWhere(this.#db, ({ realm: of }) => of === realm);
      return Math.min(live.length, most);
    });
  }

  label(userId: string, realm: string, handle: string, label: string | null): Promise<boolean> {
    return this.#db.exclusive(async () => {
      const live = await this.#liveOf(userId, realm);
      const named = live.find((session) => session.handle === handle);
      if (named) named.label = label;
      return named !== undefined;
    });
  }

  touch(handles: readonly string[], everyMs: number): Promise<void> {
    return this.#db.exclusive(() => touchSessions(this.#db, handles, everyMs));
  }

  renew(due: readonly Renewal[]): Promise<SessionCopy[]> {
    return this.#db.exclusive(() => renewSessions(this.#db, due));
  }

  /** Each row says it already. */
  async markEnded(): Promise<number> {
    return 0;
  }

  deleteEnded(limit: number, olderThanMs: number): Promise<number> {
    return this.#db.exclusive(async () => this.#db.deleteEnded(limit, olderThanMs));
  }

  async ping(): Promise<number> {
    return this.#db.now();
  }

  /** Changes a live session; `null` when there is none. */
  #change(
    digest: string,
    change: (session: SessionRow, now: number, user: User) => void,
    isFit: (session: SessionRow) => boolean = () => true,
  ): Promise<LiveSession | null> {
    return this.#db.exclusive(async () => {
      const found = await this.#find(digest);
      if (found === null || !this.#db.isLive(found.session, found.owner)) return null;
      const { session, owner } = found;
      if (!isFit(session)) return null;
      const end = session.expiresAt;
      change(session, this.#db.now(), owner.user);
      // An end that only moves forward makes no copy wrong.
      if (session.expiresAt <= end) session.version = this.#db.nextVersion();
      return liveSessionOf(session, owner, this.#db.now());
    });
  }

  async #find(digest: string): Promise<{ session: SessionRow; owner: UserRow } | null> {
    const session = this.#db.session(digest);
    if (!session) return null;
    const owner = await this.#db.rowOf(session.userId);
    return owner === null ? null : { session, owner };
  }

  async #liveOf(userId: string, realm: string): Promise<SessionRow[]> {
    const owner = await this.#db.rowOf(userId);
    if (owner === null) return [];
    return this.#db.liveSessionsOf(owner).filter((session) => session.realm === realm);
  }

  #endMany(
    userId: string,
    realm: string | null,
    reason: EndReason,
    keepHandle?: string,
  ): Promise<EndedUser> {
    return this.#db.exclusive(async () => {
      const owner = await this.#db.rowOf(userId);
      if (owner === null) return { count: 0, user: null };
      const count = Math.min(this.#db.raise(owner, realm, reason, keepHandle), MOST_COUNTED);
      return { count, user: userCopyOf(owner) };
    });
  }

  #endWhere(
    userId: string,
    realm: string,
    reason: EndReason,
    chosen: (session: SessionRow) => boolean,
  ): Promise<EndedSessions> {
    return this.#db.exclusive(async () => {
      const ended = (await this.#liveOf(userId, realm)).filter(chosen);
      for (const session of ended) this.#db.end(session, reason);
      return endedOf(ended);
    });
  }

  /** Ends what the limit leaves no room for; its digests. */
  #makeRoom({ limit, realm }: NewSession, owner: UserRow): EndedSessions {
    if (limit === null) return NOTHING;
    const live = this.#db.liveSessionsOf(owner).filter((session) => session.realm === realm);
    const gone = sessionsOver(live, limit);
    if (gone === null) throw new SessionLimitReachedError();
    for (const session of gone) this.#db.end(session, 'limit');
    return endedOf(gone);
  }
}
