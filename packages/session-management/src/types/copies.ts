import type { HeldUser, SessionCopy, UserCopy } from './records.ts';

/** What the fast store holds under a key: a copy, the mark of an ended session, or nothing that can be read. */
export type SessionCopyReading =
  | { state: 'hit'; session: SessionCopy }
  | { state: 'tombstone' }
  | { state: 'miss' };

/**
 * Versioned copies of sessions, by digest. Each write is one command or script on one key. What another
 * deployment has put there is a miss, and ours replaces it. Throws `SessionStoreUnavailableError`.
 */
export interface SessionCopies {
  read(digest: string, realm: string): Promise<SessionCopyReading>;
  /**
   * Stores unless a tombstone, a higher version, or the same version confirmed later is there. What is
   * there gives way all the same where the record confirmed this one well after it, or where it is
   * dated in the future.
   */
  put(session: SessionCopy): Promise<void>;
  /** As `put`, for what is most likely not there yet: one cheap command, and a second where it is. */
  add(session: SessionCopy): Promise<void>;
  /** As `put`, but never creates: for an extended session. */
  replace(session: SessionCopy): Promise<void>;
  /** Puts tombstones that live W. They replace anything; nothing replaces them. One pipeline. */
  end(digests: readonly string[], realm: string): Promise<void>;
  /** Puts a tombstone where a copy is, and nothing where none is. */
  block(digest: string, realm: string): Promise<void>;
  /** The fast store's own instant. */
  now(): Promise<number>;
}

/** Versioned copies of users, which live an hour. Throws `SessionStoreUnavailableError`. */
export interface UserCopies {
  read(userId: string): Promise<HeldUser | null>;
  /**
   * The user has changed. Replaces a lower version; where none is there, what was read before the change
   * is kept out for 5 s, which reads as a miss.
   */
  put(copy: UserCopy): Promise<void>;
  /**
   * The record confirmed the user. Writes where nothing is or a lower version, anew where the same is past
   * half of its life, and whatever the version where that was confirmed well after the other was written.
   */
  fill(copy: UserCopy, confirmedAt: number): Promise<void>;
  /** Puts the mark of a deleted user, unless a higher version is there. Reads as a miss. Lives W. */
  end(userId: string, version: number): Promise<void>;
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
