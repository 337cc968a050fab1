import { LRUCache } from 'lru-cache';
import { LIMITS } from '../policy/limits.ts';
import type { MonotonicClock, SeenSessions, SessionRecords } from '../types/index.ts';

/** How long sightings are gathered before they are written together, in milliseconds. */
const GATHER = 1_000;
/** Sessions in one statement. */
const MOST = 1_000;
/** Sessions of which it is remembered that their sighting was written. */
const REMEMBERED = 100_000;

/**
 * Moves `lastSeenAt` off the request's path: each session at most once per update interval, many
 * in one statement. Loses at most the sightings of the last second when the process is killed.
 */
export class LastSeen implements SeenSessions {
  readonly #records: Pick<SessionRecords, 'touch'>;
  readonly #written: LRUCache<string, true>;
  #waiting = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(records: Pick<SessionRecords, 'touch'>, monotonic: MonotonicClock) {
    this.#records = records;
    this.#written = new LRUCache({
      max: REMEMBERED,
      ttl: LIMITS.TOUCH,
      perf: monotonic,
      ttlResolution: 0,
    });
  }

  note(handle: string): void {
    if (this.#written.has(handle)) return;
    this.#written.set(handle, true);
    this.#waiting.add(handle);
    if (this.#waiting.size >= MOST) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), GATHER).unref();
  }

  /** Writes what waits. What cannot be written is noted again at the session's next use. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.size === 0) return;

    const handles = [...this.#waiting];
    this.#waiting = new Set();
    try {
      await this.#records.touch(handles, LIMITS.TOUCH);
    } catch {
      for (const handle of handles) this.#written.delete(handle);
    }
  }
}
