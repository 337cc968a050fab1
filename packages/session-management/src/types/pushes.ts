/** One connection's promise to tell of every change of what was read on it. */
export interface PushFeed {
  /**
   * Until when (monotonic, ms) the promise holds: what had changed a second before then has been
   * told. Moves forward while the connection is heard of; never holds again once it has passed.
   */
  readonly heardUntil: number;
}

/** A fast store that tells, unasked, when something changes that this process has read. */
export interface PushSource {
  /** The feed that covers what is read under this key from now on; `null` while there is none. */
  feedOf(key: string): PushFeed | null;
  /** Calls back with each key that has changed; answers how to stop that. */
  onChange(listener: (key: string) => void): () => void;
}
