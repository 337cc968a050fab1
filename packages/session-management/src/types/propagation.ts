/** One change that copies must learn of: it names what changed, never how. */
export interface OutboxItem {
  id: number;
  kind: 'session' | 'user';
  /** A digest, or a user's id. */
  key: string;
  /** The realm of a session; `null` for a user. */
  realm: string | null;
  /** How long ago it was written, in milliseconds; `null` where some master has had it already. */
  ageMs: number | null;
}

/**
 * The changes of the last W, written by triggers in the transaction that made them. A row is done
 * for a master of the fast store when it is marked with that master's run id.
 */
export interface Outbox {
  /**
   * Claims up to `limit` rows for a second, ends first; skips what others have claimed.
   *
   * @param masters - Also rows that are marked, but with none of these run ids. Without: only rows
   *   that nobody has marked.
   */
  claim(limit: number, masters?: readonly string[]): Promise<OutboxItem[]>;
  /** Marks rows as done for a master. */
  mark(ids: readonly number[], master: string): Promise<void>;
  /** Gives rows back that could not be applied: in 0.4 s anybody may claim them. */
  release(ids: readonly number[]): Promise<void>;
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

/** The masters of the fast store, each named by the run id that changes with every restart. */
export interface FastStoreMasters {
  /** The run ids of all present masters, asked now. @throws {SessionStoreUnavailableError} */
  present(): Promise<string[]>;
  /** The run id of the master that a key's commands go to; `null` while it is not known. */
  ownerOf(key: string): string | null;
}
