import type { CreateUserData, User } from '@repo/exchange-core';
import type { HealthReport, SafeUser, UpdateUserOptions, UserRepository } from './interfaces.ts';

/*
 * The small, whole interfaces between the rooms. All instants are milliseconds since the epoch by
 * PostgreSQL's clock (mock mode: by the process's), all durations milliseconds.
 */

/** Milliseconds that only move forward; no relation to any calendar. */
export interface MonotonicClock {
  now(): number;
}

/** What a copy says about a session. `confirmedAt` = the statement that last read or wrote its row. */
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
  epoch: number;
  version: number;
  confirmedAt: number;
}

/** What a copy says about a user. Sessions whose epoch is lower have ended. */
export interface UserCopy {
  user: SafeUser;
  version: number;
  sessionEpoch: number;
  confirmedAt: number;
}

export interface LiveSession {
  session: SessionCopy;
  user: UserCopy;
}

/** PostgreSQL's word on one digest. */
export type RecordAnswer =
  | { state: 'live'; live: LiveSession }
  | { state: 'expired' | 'revoked' | 'unknown' };

export interface NewSession {
  digest: string;
  handle: string;
  userId: string;
  realm: string;
  ttlMs: number;
  absoluteMs: number;
  ip: string;
  userAgent: string | null;
}

export interface ListedSession extends SessionCopy {
  lastSeenAt: number;
}

/** Why a session ended, as its record keeps it. */
export type EndReason =
  | 'signed-out'
  | 'revoked'
  | 'revoked-others'
  | 'revoked-all'
  | 'password-changed';

/** How many sessions, and every digest that they are known by: one tombstone each. */
export interface EndedSessions {
  count: number;
  digests: string[];
}

/** All of a user's sessions ended at once: the raised epoch says so, `count` rows were live. */
export interface EndedUser {
  count: number;
  user: UserCopy | null;
}

/**
 * The record. Everything it says is the truth at `confirmedAt`; everything it cannot say is thrown
 * as `SessionStoreUnavailableError`, a standby's answer included.
 *
 * One rule of life in every verb: not revoked, `expiresAt` in the future, epoch not below the user's.
 */
export interface SessionRecords {
  /** One statement, whatever the number of digests; one answer for each. */
  read(digests: readonly string[]): Promise<Map<string, RecordAnswer>>;
  /**
   * Locks the user, then inserts, in one round trip. Idempotent by digest: said twice, one row.
   * @throws {UserNotFoundError}
   */
  create(session: NewSession): Promise<LiveSession>;
  /** Moves the expiry of a live session to now + ttl, bounded by its absolute limit; `null` when there is none. */
  extend(digest: string, ttlMs: number): Promise<LiveSession | null>;
  /** Ends what the digest names. Whatever it finds already ended or absent is done; `digests` holds what the row is known by. */
  endByDigest(digest: string, reason: EndReason): Promise<EndedSessions>;
  /** Ends the user's own session of this realm by handle. */
  endByHandle(
    userId: string,
    realm: string,
    handle: string,
    reason: EndReason,
  ): Promise<EndedSessions>;
  endOthers(
    userId: string,
    realm: string,
    keepHandle: string,
    reason: EndReason,
  ): Promise<EndedSessions>;
  /** Raises the user's epoch and marks the rows, in every realm. */
  endAll(userId: string, reason: EndReason): Promise<EndedUser>;
  /** Live sessions, newest first. */
  list(userId: string, realm: string): Promise<ListedSession[]>;
  /** Moves `lastSeenAt` forward, at most once per `everyMs`, only where the row lives; skips rows that are locked. */
  touch(handles: readonly string[], everyMs: number): Promise<void>;
  /** Deletes up to `limit` rows that expired, or were revoked, more than `olderThanMs` ago; how many. */
  deleteEnded(limit: number, olderThanMs: number): Promise<number>;
  /** One trivial round trip; the store's instant. */
  ping(): Promise<number>;
}

/** A change of a user, and what of its sessions ended by it. */
export interface UserChange {
  user: User;
  copy: UserCopy;
  /** Digests of single sessions that the change ended (a cleared `sessionId`). */
  endedDigests: string[];
  /** Sessions that go on with a raised epoch (`keepHandle`). */
  kept: LiveSession[];
}

/** A user as the copies should have it. Of a deleted user, a version that none of its copies reaches. */
export type UserSnapshot = { copy: UserCopy } | { copy: null; version: number };

/** Users, whole: what the document's repository leaves optional, and what the manager's further verbs need. */
export interface UserRecords extends UserRepository {
  /** `update` with everything the copies must learn of it. `null` when there is no such user. */
  change(id: string, data: Partial<User>, options?: UpdateUserOptions): Promise<UserChange | null>;
  create(userData: CreateUserData): Promise<User>;
  /** Compare and set of the hash; ends no session. */
  rehashPassword(id: string, from: string, to: string): Promise<boolean>;
  /** What the copies of a user must say now: the user, or that there is none, and since which version. */
  snapshot(id: string): Promise<UserSnapshot>;
  /** Without secrets, ordered by id, ids greater than `after`. */
  page(after: string | null, limit: number): Promise<User[]>;
  count(): Promise<number>;
}

/** What the fast store holds under a key: a copy, the mark of an ended session, or nothing that can be read. */
export type SessionCopyReading =
  | { state: 'hit'; session: SessionCopy }
  | { state: 'tombstone' }
  | { state: 'miss' };

/** Versioned copies of sessions, by digest. One single-key script per write. Throws `SessionStoreUnavailableError`. */
export interface SessionCopies {
  read(digest: string, realm: string): Promise<SessionCopyReading>;
  /** Stores unless a tombstone, a higher version, or the same version confirmed later is there. `leftMs` = time to live. */
  put(session: SessionCopy): Promise<void>;
  /** As `put`, but never creates: for an extended session. */
  replace(session: SessionCopy): Promise<void>;
  /** Puts tombstones that live W. They replace anything; nothing replaces them. One pipeline. */
  end(digests: readonly string[], realm: string): Promise<void>;
  /** Puts a tombstone where a copy is, and nothing where none is. */
  block(digest: string, realm: string): Promise<void>;
  /** The fast store's own instant. */
  now(): Promise<number>;
}

/** Versioned copies of users. Throws `SessionStoreUnavailableError`. */
export interface UserCopies {
  read(userId: string): Promise<UserCopy | null>;
  /** Stores unless a higher version, or the same version confirmed later, is there. Lives W. */
  put(copy: UserCopy): Promise<void>;
  /** Puts the mark of a deleted user, unless a higher version is there. Reads as a miss. Lives W. */
  end(userId: string, version: number): Promise<void>;
}

/** Instants by PostgreSQL's clock, as far as this process knows it. */
export interface StoreClock {
  /** `null` until a store has told its time. */
  now(): number | null;
  /** A store said `instant` in a reply to what was sent at `sentAt` (monotonic) and came just now. */
  observe(instant: number, sentAt: number): void;
}

/** One change that copies must learn of: it names what changed, never how. */
export interface OutboxItem {
  id: number;
  kind: 'session' | 'user';
  /** A digest, or a user's id. */
  key: string;
  /** The realm of a session; `null` for a user. */
  realm: string | null;
}

/**
 * The changes of the last W, written by triggers in the transaction that made them. A row is done
 * for a master of the fast store when it is marked with that master's run id.
 */
export interface Outbox {
  /**
   * Claims up to `limit` rows for a few seconds, ends first; skips what others have claimed.
   *
   * @param masters - Also rows that are marked, but with none of these run ids. Without: only rows
   *   that nobody has marked.
   */
  claim(limit: number, masters?: readonly string[]): Promise<OutboxItem[]>;
  /** Marks rows as done for a master. */
  mark(ids: readonly number[], master: string): Promise<void>;
  /** Whether any row of the last W is marked with none of these run ids, claimed or not. */
  hasWork(masters: readonly string[]): Promise<boolean>;
  /** How many rows nobody has marked. */
  depth(): Promise<number>;
  /** Deletes up to `limit` rows older than W; how many. */
  deleteOld(limit: number): Promise<number>;
}

/** Tells of changes as they are committed; a hint, never the only way. */
export interface ChangeFeed {
  /**
   * Calls `onChange` after a commit that wrote an end or a change of a user. Reconnects by itself.
   * Resolves at once; `close` ends the connection.
   */
  listen(onChange: () => void): { close(): Promise<void>; isProven(): boolean };
}

/** A session that was to end while the record could not be asked. */
export interface EndIntent {
  digest: string;
  realm: string;
}

/** Ends that wait for the record to come back. Bounded: the oldest go first. Throws `SessionStoreUnavailableError`. */
export interface EndIntents {
  add(intent: EndIntent): Promise<void>;
  /** The oldest. */
  list(limit: number): Promise<EndIntent[]>;
  remove(intent: EndIntent): Promise<void>;
}

/** The masters of the fast store, each named by the run id that changes with every restart. */
export interface FastStoreMasters {
  /** The run ids of all present masters, asked now. @throws {SessionStoreUnavailableError} */
  present(): Promise<string[]>;
  /** The run id of the master that a key's commands go to; `null` while it is not known. */
  ownerOf(key: string): string | null;
}

/** One line per event, as data. Values never hold a sessionId, a password or an e-mail address. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Runs one statement. `name` lets a driver keep the plan: one name, one text, for ever. */
export interface SqlRunner {
  query<Row extends object>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
}

/** The one method of a Redis client that we need; a client of `@redis/client` or `redis` has it. */
export interface RedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** What is known about a digest. What is not known is thrown. */
export type SessionFinding =
  | { state: 'active'; live: LiveSession }
  | { state: 'expired' | 'revoked' | 'unknown' };

/** Finds sessions, through whatever tiers there are. */
export interface SessionFinder {
  /** `confirm` asks the record whatever the copies say. @throws {SessionStoreUnavailableError} */
  find(digest: string, realm: string, confirm: boolean): Promise<SessionFinding>;
}

/** Changes sessions: the record first, then what this process remembers, then the copies. */
export interface SessionKeeper {
  create(session: NewSession): Promise<LiveSession>;
  extend(digest: string, ttlMs: number): Promise<void>;
  endByDigest(digest: string, realm: string, reason: EndReason): Promise<void>;
  /** How many ended. */
  endByHandle(userId: string, realm: string, handle: string, reason: EndReason): Promise<number>;
  endOthers(userId: string, realm: string, keepHandle: string, reason: EndReason): Promise<number>;
  endAll(userId: string, reason: EndReason): Promise<number>;
  /** A digest has become a session by other means than `create`: forget that it was unknown. */
  opened(digest: string): void;
  /** A user was changed; `opened` is the digest that the change made a session of, if it did. */
  userChanged(change: UserChange, opened: string | null): Promise<void>;
}

/** Remembers that sessions were used, off the request's path. */
export interface SeenSessions {
  note(handle: string): void;
}

/** Everything that a manager's verbs stand on. The rooms below are handed in; a manager opens nothing. */
export interface ManagerParts {
  users: UserRecords;
  records: Pick<SessionRecords, 'list' | 'deleteEnded'>;
  finder: SessionFinder;
  keeper: SessionKeeper;
  seen: SeenSessions;
  newSessionId(): string;
  newHandle(): string;
  /** A device by name, from its User-Agent. */
  describeDevice(userAgent: string | null): string;
  /** How long a session may live at most, in milliseconds. */
  absoluteMs: number;
  health(): Promise<HealthReport>;
  /** Ends timers and connections. Called once, after the last running call. */
  release(): Promise<void>;
}
