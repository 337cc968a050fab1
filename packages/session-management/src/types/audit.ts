/** One line of the audit. Kept when the session and its user are gone. */
export interface AuditEntry {
  /** Milliseconds since the epoch, by PostgreSQL's clock. */
  at: number;
  /** `deleted`: the row of a live session, or its user, was deleted. */
  kind: 'created' | 'identity-confirmed' | 'revoked' | 'all-revoked' | 'expired' | 'deleted';
  /** `null` where the sessions of every realm ended at once. */
  realm: string | null;
  /** `null` where it was more than one session: their own lines follow, dated alike. */
  handle: string | null;
  /** Why it was revoked; `null` where SQL by hand did not say, and for the other kinds. */
  reason: string | null;
  /** Who revoked it; `null` for the other kinds. */
  by: 'user' | 'administrator' | 'system' | null;
  /** The administrator, by the name that the verb was given. */
  actor: string | null;
  /** Of `created`, as the session has them. */
  ip: string | null;
  userAgent: string | null;
}

/** What the audit holds, as far as it is deleted. Throws `SessionStoreUnavailableError`. */
export interface AuditLines {
  /** How long lines are kept where `cleanup` is told nothing else, in milliseconds; `null`: for ever. */
  readonly keepMs: number | null;
  /** Deletes up to `limit` lines that are older; how many. */
  deleteOld(limit: number, olderThanMs: number): Promise<number>;
}
