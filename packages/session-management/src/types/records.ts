import type { SessionActor } from './actor.ts';
import type { SafeUser } from './interfaces.ts';
import type { ByRole, IdleRule, SessionLimit } from './policy.ts';

/*
 * All instants are milliseconds since the epoch by PostgreSQL's clock (mock mode: by the
 * process's), all durations milliseconds.
 */

/**
 * What a copy says about a session, and all that it says of its user but what a change of the user
 * tells. `confirmedAt` = the statement that last read or wrote the rows of both.
 */
export interface SessionCopy {
  digest: string;
  /** `Session.id`: the public name. */
  handle: string;
  userId: string;
  realm: string;
  createdAt: number;
  authenticatedAt: number;
  expiresAt: number;
  absoluteExpiresAt: number;
  ip: string;
  userAgent: string | null;
  /** Who acts in the user's place; `null`: the user. */
  actor: SessionActor | null;
  version: number;
  /** The version of its user that the same statement saw: with any other, the copy says nothing. */
  userVersion: number;
  /** The user's last log-in, which changes too often to stand beside what the user's sessions share. */
  lastLoginAt: number | null;
  confirmedAt: number;
  /** The digest is that of before the last rotation: it counts until `expiresAt`, the end of its grace, and nothing is done by it. */
  inGrace?: true | undefined;
  /** The user's role has changed since the sessionId was handed out. Never of one in its grace. */
  rotationDue?: true | undefined;
}

/** What a copy says about a user. Whatever changes the user, or ends many of their sessions, raises the version. */
export interface UserCopy {
  user: Omit<SafeUser, 'lastLoginAt'>;
  version: number;
}

/** A copy of a user as it stands in the fast store. */
export interface HeldUser extends UserCopy {
  /** By the record's clock, as far as the writer knew it. */
  writtenAt: number;
}

export interface LiveSession {
  session: SessionCopy;
  user: UserCopy;
}

/** A session by its public name. */
export interface NamedSession {
  readonly userId: string;
  readonly realm: string;
  readonly handle: string;
}

/**
 * PostgreSQL's word on one digest. `past-grace`: it was rotated away, and its session lives under another.
 * `agoMs`: how long ago the time of one that expired was up; an extension may have been under way then.
 */
export type RecordAnswer =
  | { state: 'live'; live: LiveSession }
  | { state: 'expired'; session: NamedSession; agoMs: number }
  | { state: 'past-grace'; session: NamedSession }
  | { state: 'revoked' | 'unknown' };

/** How long a new session lives, and beside how many others. */
export interface SessionTerms {
  ttlMs: number;
  absoluteMs: number;
  /** Of the user's live sessions in this realm; `null`: any number. */
  limit: SessionLimit | null;
}

export interface NewSession extends SessionTerms {
  digest: string;
  handle: string;
  userId: string;
  realm: string;
  ip: string;
  userAgent: string | null;
  /** In place of the other terms, for a user who has the role when the session is opened. */
  termsOfRole: ByRole<SessionTerms>;
  /** The hash that the password was verified against; `null`: nothing was. */
  provedBy: string | null;
}

/** A session that was used, and what its realm allows it now. */
export interface Renewal {
  handle: string;
  absoluteMs: number;
  idle: IdleRule | null;
}

/** A new session, and those that were ended to make room for it. */
export interface CreatedSession extends LiveSession {
  madeRoom: EndedSessions;
}

/** What a session says to its user: a copy without its digest and what keeps copies in order. */
export type SessionFacts = Omit<
  SessionCopy,
  'digest' | 'version' | 'userVersion' | 'lastLoginAt' | 'confirmedAt' | 'inGrace'
>;

/** `after`: the handle of the last session of the page before. */
export interface SessionPage {
  after: string | null;
  limit: number;
}

export interface ListedSession extends SessionFacts {
  lastSeenAt: number;
  label: string | null;
}

/** Why a session ended, as its record keeps it. */
export type EndReason =
  | 'signed-out'
  | 'revoked'
  | 'revoked-others'
  | 'revoked-all'
  | 'limit'
  | 'actor-ended'
  | 'password-changed'
  | 'user-deleted';

/**
 * How many sessions, and every digest that they are known by: one tombstone each.
 * `ended` are those that had not ended before, and that no other call ended meanwhile.
 */
export interface EndedSessions {
  count: number;
  digests: string[];
  ended: NamedSession[];
  /** The administrator in whose hands the session was that ended by its own sessionId. */
  actor?: string;
}

/** `before`: what the previous digest is worth until its grace is over; `ended`: those whose grace was cut short. */
export interface Rotated {
  state: 'rotated';
  live: LiveSession;
  before: SessionCopy;
  ended: string[];
}

/** What became of a digest that was to rotate. */
export type Rotation = Rotated | { state: 'in-grace' | 'expired' | 'revoked' | 'unknown' };

/** Many of a user's sessions ended at once, by one row: `count` of them lived, counted to 1,000. */
export interface EndedUser {
  count: number;
  /** `null`: there is no such user. */
  user: UserCopy | null;
}

/**
 * The record. Everything it says is the truth at `confirmedAt`; everything it cannot say is thrown
 * as `SessionStoreUnavailableError`, a standby's answer included.
 *
 * One rule of life in every verb: not revoked, `expiresAt` in the future, its user there, its stamp not
 * below the floor of the user and of the realm.
 */
export interface SessionRecords {
  /** One statement, whatever the number of digests; one answer for each, present or previous. */
  read(digests: readonly string[]): Promise<Map<string, RecordAnswer>>;
  /**
   * Counts, ends and inserts in one round trip. Idempotent by digest: said twice, one row, and nothing
   * more ends.
   * @throws {UserNotFoundError}
   * @throws {ProofOutdatedError} the user has another hash than `provedBy` by now.
   * @throws {SessionLimitReachedError} by the rule `reject-new`.
   */
  create(session: NewSession): Promise<CreatedSession>;
  /**
   * Opens those that can be opened without a lock and a wait, in one round trip: by digest. One that is not in the
   * answer has not been opened by this call: `create` decides. For sessions without a limit only.
   */
  createMany(sessions: readonly NewSession[]): Promise<Map<string, LiveSession>>;
  /**
   * Moves the expiry of a live session to now + ttl, bounded by its absolute limit; `null` when there
   * is none. `ttlOfRole` counts instead for a user who has the role.
   */
  extend(digest: string, ttlMs: number, ttlOfRole?: ByRole<number>): Promise<LiveSession | null>;
  /** Sets `authenticatedAt` of a live session to now; `null` when there is none. */
  confirmIdentity(digest: string): Promise<LiveSession | null>;
  /**
   * Gives a live session, known by its present digest, the next one; the present one becomes the
   * previous, in its grace. Idempotent by the next digest: said twice, one rotation.
   */
  rotate(digest: string, next: string): Promise<Rotation>;
  /** Ends what the digest names, present or previous. Whatever it finds already ended or absent is done; `digests` holds what the row is known by. */
  endByDigest(digest: string, reason: EndReason): Promise<EndedSessions>;
  /** Ends the user's own session of this realm by handle. `actor`: who asked for it, if not the user. */
  endByHandle(
    userId: string,
    realm: string,
    handle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<EndedSessions>;
  /** Ends all sessions of this user and realm but the one to keep: one row, whatever their number. */
  endOthers(
    userId: string,
    realm: string,
    keepHandle: string,
    reason: EndReason,
    actor?: string,
  ): Promise<EndedUser>;
  /** Ends all sessions of this user, in every realm: one row, whatever their number. */
  endAll(userId: string, reason: EndReason, actor?: string): Promise<EndedUser>;
  /** Names the user's own live session of this realm by handle; `null` takes the name away. Whether there was one. */
  label(userId: string, realm: string, handle: string, label: string | null): Promise<boolean>;
  /** A page of live sessions, newest first: 1,000 from the first on unless told. */
  list(userId: string, realm: string, page?: SessionPage): Promise<ListedSession[]>;
  /** Live sessions of the realm, counted as far as `most`. */
  count(realm: string, most: number): Promise<number>;
  /** Moves `lastSeenAt` forward, at most once per `everyMs`, only where the row lives; skips rows that are locked. */
  touch(handles: readonly string[], everyMs: number): Promise<void>;
  /**
   * Moves the end of live sessions to now + idle timeout, at most once per update age each, never
   * past their absolute limit; what lies beyond what is allowed now is drawn in. Marks them as seen.
   * The rows that it changed, some of which may have ended by it; skips rows that are locked.
   */
  renew(due: readonly Renewal[]): Promise<SessionCopy[]>;
  /**
   * Writes into rows that ended many at once when and why they did, and a day later forgets what ended them.
   * Less than `limit`: nothing is left to do.
   */
  markEnded(limit: number): Promise<number>;
  /** Deletes up to `limit` rows that expired, or were revoked, more than `olderThanMs` ago; how many. */
  deleteEnded(limit: number, olderThanMs: number): Promise<number>;
  /** One trivial round trip; the store's instant. */
  ping(): Promise<number>;
}
