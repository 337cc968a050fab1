import type { CreateUserData, User } from '@repo/exchange-core';
import type { SessionActor } from './actor.ts';
import type { HealthReport } from './health.ts';
import type { RealmPolicy } from './policy.ts';
import type { LogInAttempt } from './throttle.ts';

export type { CreateUserData, User, UserRole } from '@repo/exchange-core';
export type {
  DatabaseAdapter,
  SessionAdapter,
  SessionData,
  UserRepository,
} from './document-stores.ts';

/* Longer than other files: the public verbs and what they take, each with what it promises. */

/** Where a log-in came from. Kept for the user's own list of devices; used to refuse a request only where the realm binds its sessions. */
export interface SessionMetadata {
  ip: string;
  userAgent?: string | undefined;
}

/** Where a request comes from. What is not given is not compared; an empty text is: nothing was sent. */
export interface RequestOrigin {
  ip?: string | undefined;
  userAgent?: string | undefined;
}

/** The user without `hashedPassword` and `sessionId`: what a lookup gives and an application may show. */
export type SafeUser = Omit<User, 'hashedPassword' | 'sessionId'>;

/** A live session as its user may see it. `id` is the handle: public, stable, authenticates nobody. Instants are ms since the epoch. */
export interface Session {
  id: string;
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
  /** The user's role has changed since the sessionId was handed out: `rotateSession` where a cookie can be set. */
  rotationDue?: true | undefined;
}

/** One line of the user's list of devices. */
export interface SessionListEntry extends Session {
  /** True within the update interval (60 s). */
  lastSeenAt: number;
  /** Browser and system by name, such as `Firefox on Linux`. */
  device: string;
  /** What the user calls it, at most 64 characters; `null` while it has no name. */
  label: string | null;
  /** Whether this is the session whose handle was given to the list as `current`. */
  current: boolean;
}

/** Why a sessionId signs nobody in. */
export type NoSessionReason = 'absent' | 'malformed' | 'unknown' | 'expired' | 'revoked';

/** What is known about a sessionId. What is not known is thrown: {@link SessionStoreUnavailableError}. */
export type SessionValidation =
  | { status: 'active'; user: SafeUser; session: Session }
  | { status: 'none'; reason: NoSessionReason };

/** The new sessionId of a session that goes on under the same handle. */
export interface RotatedSession {
  /** A secret, handed out once: for the visitor's cookie only. */
  sessionId: string;
  /**
   * For the cookie: what is left of the most that the session lives, in whole seconds by the record's
   * clock, rounded up. `null` for one that goes with the browser: where the policy says so, and where it
   * leaves that to the visitor, whose choice the record does not know.
   */
  maxAgeSeconds: number | null;
  session: Session;
}

/**
 * What `rotateSession` did. `in-grace`: another call has rotated this sessionId within the last 10 s,
 * and its answer carries the new one.
 */
export type SessionRotation =
  | ({ rotated: true } & RotatedSession)
  | { rotated: false; reason: NoSessionReason | 'in-grace' };

export interface ValidateOptions {
  /** Ask PostgreSQL whatever the copies say. For what must not act on a revoked session for even a moment. */
  confirm?: boolean | undefined;
  /**
   * As `confirm`, and the user must have proved who they are within the realm's `freshFor`: else
   * {@link IdentityNotFreshError}. For what a thief of an open browser must not do.
   */
  fresh?: boolean | undefined;
  /**
   * Where the request comes from, for a realm that binds its sessions. Where it must not come from
   * there, the answer is `unknown`, and the session goes on for whoever comes from where it was opened.
   */
  metadata?: RequestOrigin | undefined;
}

export interface CreateSessionOptions {
  /**
   * The hash that the password was verified against. Where the user has another by now, nothing is opened:
   * {@link ProofOutdatedError}. So a log-in under way with the old password ends with its change.
   */
  provedBy?: string | null | undefined;
}

export interface UpdateUserOptions {
  /** With a change of `hashedPassword`: the one session of this user that goes on. All others end. */
  keepHandle?: string | undefined;
  /**
   * The hash that the present password was verified against. Where the user has another by now, nothing is
   * changed: {@link ProofOutdatedError}. So of two changes at once the later does not undo the earlier.
   */
  provedBy?: string | null | undefined;
  /**
   * Has the kept session rotated by the same commit, and is given its new sessionId before `update`
   * resolves: set the cookie. Not called where no session of this realm was kept.
   */
  onRotated?: ((rotated: RotatedSession) => void) | undefined;
}

/** A page of a user's sessions. */
export interface ListSessionsOptions {
  /** The handle of the session that asks: it is marked as `current`. */
  current?: string | undefined;
  /** The `id` of the last session of the page before. */
  after?: string | undefined;
  /** 1 to 1000; 1000 unless told. */
  limit?: number | undefined;
}

/** A page of users. `after` is the `id` of the last user of the page before. */
export interface ListUsersOptions {
  after?: string | undefined;
  /** 1 to 1000; 100 unless told. */
  limit?: number | undefined;
}

export interface CleanupOptions {
  /** Rows per statement: 1 to 10000; 1000 unless told. */
  batchSize?: number | undefined;
  /** Lines of the audit older than this go too: seconds, or such as `"365d"`; the option `auditKeep` unless told. */
  auditOlderThan?: number | string | undefined;
  /** Called after each batch of sessions with the number deleted so far. */
  onProgress?: ((deleted: number) => void) | undefined;
  /** Aborted, it ends after the batch under way and answers what it has done. So does `close()`. */
  signal?: AbortSignal | undefined;
}

export interface CleanupReport {
  /** Sessions. */
  deleted: number;
  /** Lines of the audit. */
  auditDeleted: number;
}

/** Who asks for the end of sessions. */
export interface RevokeOptions {
  /**
   * An administrator who ends the sessions of another: their id, or a name of yours such as `support-desk`,
   * 64 characters at most. Told in events and kept with the record. The user's own id means the user.
   */
  actor?: string | undefined;
}

/** The document's manager. Its session verbs are optional, so that a team's own implementations compile. */
export interface UserManagerInterface {
  /** Carries `hashedPassword`, for the log-in to compare. */
  findByEmail(email: string): Promise<User | undefined>;
  /** Carries `hashedPassword`, for the log-in to compare. */
  findById(id: string): Promise<User | undefined>;
  /**
   * The user of a live session, without secrets; `undefined` when the sessionId signs nobody in.
   * @throws {SessionStoreUnavailableError} when no store can say. Never treat that as signed out.
   */
  findBySessionId(sessionId: string): Promise<User | undefined>;
  create(userData: CreateUserData): Promise<User>;
  /**
   * Changes the fields given. `undefined` leaves a field alone, except `sessionId: undefined`, which
   * clears it and ends the session it named. `null` clears a nullable column and is a `TypeError` elsewhere.
   */
  update(id: string, updateData: Partial<User>): Promise<User | null>;

  createSession?(
    userId: string,
    metadata: SessionMetadata,
    ttl: number,
    options?: CreateSessionOptions,
  ): Promise<string>;
  deleteSession?(sessionId: string): Promise<void>;
  extendSession?(sessionId: string, ttl: number): Promise<void>;

  /** All users without secrets. @throws {TooManyUsersError} above 10,000. */
  getAll(): Promise<User[]>;
  count(): Promise<number>;
}

/** Every session verb, required. Both managers implement it. */
export interface SessionManagerInterface {
  /** What is true of this realm's sessions. */
  readonly policy: Readonly<RealmPolicy>;
  /**
   * What is known about this sessionId.
   * @throws {SessionStoreUnavailableError} when nobody can say.
   * @throws {IdentityNotFreshError} with `fresh`, for a live session whose user must prove again who they are.
   */
  validateSession(sessionId: string, options?: ValidateOptions): Promise<SessionValidation>;
  /**
   * Opens a session: record first, then fast copy. Returns the sessionId, once.
   *
   * At the realm's limit of sessions it ends one first, or is refused, as its rule says.
   *
   * @param ttl - Whole seconds, at least 1; the realm's absolute limit (30 days unless told) bounds it.
   *   With an idle timeout: the most that the session lives; unused, it ends by that timeout.
   * @throws {TtlInvalidError} before anything is stored.
   * @throws {UserNotFoundError} when there is no such user.
   * @throws {ProofOutdatedError} with `provedBy`, where the password was changed meanwhile.
   * @throws {SessionLimitReachedError} at the limit, where the rule is `reject-new`.
   * @throws {SessionStoreUnavailableError} set no cookie.
   */
  createSession(
    userId: string,
    metadata: SessionMetadata,
    ttl: number,
    options?: CreateSessionOptions,
  ): Promise<string>;
  /**
   * Signs an administrator in as a user. The session is the user's, says who acts (`session.actor`),
   * never counts as a fresh identity, and ends with the administrator's own session or role.
   *
   * @param actorSessionId - The administrator's own, in this realm.
   * @param ttl - Whole seconds, at least 1; an hour at most, and no longer than the actor's session.
   * @throws {ImpersonationRefusedError} unless a live session of an administrator asks for a user who is none.
   * @throws {UserNotFoundError} when there is no such user.
   */
  impersonate(
    actorSessionId: string,
    userId: string,
    metadata: SessionMetadata,
    ttl: number,
  ): Promise<string>;
  /** Revokes. Idempotent: what is already gone is done. */
  deleteSession(sessionId: string): Promise<void>;
  /** Sets the end to `ttl` seconds from now, never past the absolute limit or the idle timeout. Never creates, never revives. */
  extendSession(sessionId: string, ttl: number): Promise<void>;
  /**
   * Gives a live session a new sessionId. The session, its handle and its end stay; the old sessionId is
   * honoured for 10 s, for requests under way, but nothing is done by it, and then refused as revoked.
   * Of many calls at once, one rotates. Set the cookie where `rotated` is true, and nowhere else.
   *
   * @throws {SessionStoreUnavailableError} set no cookie. It may have rotated all the same.
   */
  rotateSession(sessionId: string): Promise<SessionRotation>;
  /**
   * Marks that the user of a live session has just proved who they are. Call it after the password
   * check. `false` when the sessionId signs nobody in: nothing is marked, nothing revived.
   *
   * @throws {SessionStoreUnavailableError} it may not have been marked; safe to repeat.
   */
  confirmIdentity(sessionId: string): Promise<boolean>;
  /**
   * Checks a password within the limits of attempts (OWASP ASVS 5, 6.3.1).
   *
   * The attempt is counted before `check` runs, by account and network: never are more looked at than
   * the limits say, however many come at once. Where `check` answers a user, it is taken back and the
   * failures of this account from this network are forgotten; where it throws, nothing is known and it
   * is taken back. Only failures count, in all realms together. With the fast store down each process
   * goes by half of each limit; a log-in waits for it no longer than `redisTimeout`.
   *
   * @param attempt - What was typed, whether there is such an account or not.
   * @param check - Answers the user whose password it is, or nothing.
   * @returns What `check` answered; `null` for nothing.
   * @throws {LogInThrottledError} over a limit: `check` did not run.
   *
   * @example
   * const user = await users.guardLogIn({ account: email, ip }, async () => {
   *   const found = await users.findByEmail(email);
   *   return (await verify(found?.hashedPassword, password)) ? found : null;
   * });
   */
  guardLogIn<T extends object>(
    attempt: LogInAttempt,
    check: () => Promise<T | null | undefined>,
  ): Promise<T | null>;
  /**
   * Makes an account within the limit of its network. Every attempt counts, done or refused, but for
   * one that ends in {@link SessionStoreUnavailableError}.
   *
   * @throws {LogInThrottledError} over the limit: `work` did not run.
   */
  guardSignUp<T>(attempt: LogInAttempt, work: () => Promise<T>): Promise<T>;
  /** A page of the user's live sessions of this realm, newest first, from PostgreSQL. */
  listSessions(userId: string, options?: ListSessionsOptions): Promise<SessionListEntry[]>;
  /** Live sessions of this realm, by PostgreSQL. It counts to `most`, 1 to 100 000, 10 000 unless told: that many means so many or more. */
  countSessions(most?: number): Promise<number>;
  /**
   * Gives a live session of this user a name for the list: trimmed, cut at 64 characters, an empty
   * one takes it away. Whether there was such a session. Text of a user: show it as text.
   */
  labelSession(userId: string, handle: string, label: string): Promise<boolean>;
  /** Ends one session of this user by handle. How many ended: 0 or 1. */
  revokeSession(userId: string, handle: string, options?: RevokeOptions): Promise<number>;
  /** Ends all sessions of this user in this realm but one. How many ended, counted to 1,000. */
  revokeOtherSessions(userId: string, keepHandle: string, options?: RevokeOptions): Promise<number>;
  /** Ends all sessions of this user in every realm. How many ended, counted to 1,000. */
  revokeAllSessions(userId: string, options?: RevokeOptions): Promise<number>;

  /** As {@link UserManagerInterface.update}; a change of `hashedPassword` ends all sessions but `keepHandle`. */
  update(id: string, updateData: Partial<User>, options?: UpdateUserOptions): Promise<User | null>;
  /** Replaces a hash of the same password; ends no session. `false` when the stored hash is no longer `from`. */
  rehashPassword(id: string, from: string, to: string): Promise<boolean>;
  /** Users without secrets, by id. */
  listUsers(options?: ListUsersOptions): Promise<User[]>;

  /**
   * Deletes expired and long revoked records in batches. Safe to run in parallel.
   * @throws {RangeError} for an option that it does not take, before anything is deleted.
   */
  cleanup(options?: CleanupOptions): Promise<CleanupReport>;
  health(): Promise<HealthReport>;
  /** Lets running calls finish, then ends timers and connections. Later calls are refused. */
  close(): Promise<void>;
}

/** What the factory returns. */
export type UserManager = UserManagerInterface & SessionManagerInterface;
