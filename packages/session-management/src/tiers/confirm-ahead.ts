import { LRUCache } from 'lru-cache';
import type { MonotonicClock } from '../types/index.ts';

/** A digest is asked about ahead at most once in this time, in milliseconds: longer than a lookup takes. */
const ONCE_PER = 1_000;
/** How many digests are remembered as asked about. */
const REMEMBERED = 10_000;

/**
 * Confirms copies while they are still good, behind the answers that they give, so that a session
 * in use never waits for PostgreSQL. What is due together is asked together.
 */
export class ConfirmAhead {
  readonly #confirm: (digest: string) => void;
  readonly #asked: LRUCache<string, true>;

  /** @param confirm - Asks the record behind the caller; what fails is tried again by a later answer. */
  constructor(confirm: (digest: string) => void, monotonic: MonotonicClock) {
    this.#confirm = confirm;
    this.#asked = new LRUCache({
      max: REMEMBERED,
      ttl: ONCE_PER,
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
