/** A factory that runs once. */
export interface Once<T> {
  /** What was made; callers that arrive while it is being made share one promise. */
  get(): Promise<T>;
  /** What was made or is being made; `null` when nothing is, a failure included. Starts nothing. */
  current(): Promise<T> | null;
}

/**
 * Runs an async factory at most once at a time and remembers what it made.
 *
 * A failure is forgotten, so the next caller tries again instead of inheriting an old outage.
 */
export function once<T>(make: () => Promise<T>): Once<T> {
  let pending: Promise<T> | null = null;

  return {
    get() {
      if (pending !== null) return pending;
      const mine = make().catch((error: unknown) => {
        if (pending === mine) pending = null;
        throw error;
      });
      pending = mine;
      return mine;
    },
    current: () => pending,
  };
}
