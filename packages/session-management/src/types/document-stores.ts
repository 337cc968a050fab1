import type { CreateUserData, User } from '@repo/exchange-core';

/** A session as the document stores it: instants in milliseconds since the epoch. */
export interface SessionData {
  user_id: string;
  created_at: number;
  expires_at: number;
  ip: string;
  user_agent?: string | undefined;
}

/** The document's users of one store. */
export interface UserRepository {
  findByEmail(email: string): Promise<User | null>;
  findById(id: string): Promise<User | null>;
  findBySessionId?(sessionId: string): Promise<User | null>;
  create(userData: CreateUserData): Promise<User>;
  update(id: string, data: Partial<User>): Promise<User | null>;
}

/** The document's database: users, whole. */
export interface DatabaseAdapter {
  users: UserRepository;
}

/**
 * The document's session store. Takes sessionIds and stores their digest only.
 *
 * What it wrote by itself has no record, so no manager signs anybody in by it.
 */
export interface SessionAdapter {
  /** What was set; `null` for what is absent or deleted. */
  get(sessionId: string): Promise<SessionData | null>;
  /**
   * @param ttl - Whole seconds, at least 1.
   * @throws {SessionRevokedError} after a `delete` of the same sessionId.
   * @throws {SessionManagedError} when the session has a record.
   */
  set(sessionId: string, data: SessionData, ttl: number): Promise<void>;
  /** Idempotent. What is absent stays absent. */
  delete(sessionId: string): Promise<void>;
  /** Moves `expires_at` and the TTL together. Of nothing, does nothing. @throws {SessionManagedError} as `set`. */
  extend(sessionId: string, ttl: number): Promise<void>;
}
