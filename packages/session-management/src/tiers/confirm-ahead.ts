import { LRUCache } from 'lru-cache';
import type { MonotonicClock } from '../types/index.ts';

/** A digest is asked about ahead at most once in this time, in milliseconds: longer than a lookup takes. */
const ONCE_PER = 1_000;
/** And, where F is short, so often in F: what is not answered is asked for once more before F is over. */
const TIMES_IN_F = 6;
/** How many digests are remembered as asked about. */
const REMEMBERED = 10_000;

/**
 * Confirms copies while they are still good, behind the answers that they give, so that a session
 * in use never waits for PostgreSQL. What is due together is asked together.
 */
export class ConfirmAhead {
  readonly #confirm: (digest: string) => void;
  readonly #asked: LRUCache<string, true>;

  /**
   * @param confirm - Asks the record behind the caller; what fails is tried again by a later answer.
   * @param F - In milliseconds.
   */
  constructor(confirm: (digest: string) => void, monotonic: MonotonicClock, F: number) {
    this.#confirm = confirm;
    this.#asked = new LRUCache({
      max: REMEMBERED,
      ttl: Math.max(1, Math.floor(Math.min(ONCE_PER, F / TIMES_IN_F))),
      perf: monotonic,
      ttlResolution: 0,
    });
  }

  due(digest: string): void {
    if (this.#asked.has(digest)) return;
    this.#asked.set(digest, true);
    this.#confirm(digest);
  }
}
