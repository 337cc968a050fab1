import type { CreateUserData, User } from '@repo/exchange-core';
import type { UserRepository } from './interfaces.ts';
import type { LiveSession, Rotated, UserCopy } from './records.ts';

/** A change of a user, and what of its sessions ended by it. */
export interface UserChange {
  user: User;
  copy: UserCopy;
  /** Digests of single sessions that the change ended (a cleared `sessionId`). */
  endedDigests: string[];
  /** How many of the user's sessions a new hash ended, all but the kept one, counted to 1,000; `null` where it is none. */
  endedAll: number | null;
  /** With a new hash: the session that goes on (`keepHandle`), by present digest and, in its grace, by the one before. */
  kept: LiveSession[];
  /** Of the kept one, if it was to rotate. */
  rotated: Rotated | null;
}

/** With a change of the hash: the session that goes on, and what it goes on under if it is of that realm. */
export interface ChangeUserOptions {
  keepHandle?: string | undefined;
  next?: { digest: string; realm: string } | undefined;
  /** Where the user has another hash by now, nothing changes. */
  provedBy?: string | null | undefined;
}

/** A user as the copies should have it. Of a deleted user, a version that none of its copies reaches. */
export type UserSnapshot = { copy: UserCopy } | { copy: null; version: number };

/** Users, whole: what the document's repository leaves optional, and what the manager's further verbs need. */
export interface UserRecords extends UserRepository {
  /**
   * `update` with everything the copies must learn of it. `null` when there is no such user.
   * @throws {ProofOutdatedError} the user has another hash than `provedBy` by now.
   */
  change(id: string, data: Partial<User>, options?: ChangeUserOptions): Promise<UserChange | null>;
  create(userData: CreateUserData): Promise<User>;
  /** Compare and set of the hash; ends no session. */
  rehashPassword(id: string, from: string, to: string): Promise<boolean>;
  /** What the copies of a user must say now: the user, or that there is none, and since which version. */
  snapshot(id: string): Promise<UserSnapshot>;
  /** Without secrets, ordered by id, ids greater than `after`. */
  page(after: string | null, limit: number): Promise<User[]>;
  count(): Promise<number>;
}
