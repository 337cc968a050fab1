import { LIMITS } from '../policy/limits.ts';
import type { MonotonicClock, SessionRecords } from '../types/index.ts';
import { GatheredWrites, type Pace } from './gathered-writes.ts';

/** Sightings are gathered for a second. */
const PACE: Pace = { every: LIMITS.TOUCH, wait: 1_000 };

/** Sessions of which it is remembered that their sighting was written. */
const REMEMBERED = 100_000;

/** Moves `lastSeenAt` off the request's path: each session at most once per update interval. */
export class LastSeen {
  readonly #sightings: GatheredWrites<string>;

  constructor(records: Pick<SessionRecords, 'touch'>, monotonic: MonotonicClock) {
    this.#sightings = new GatheredWrites(
      (handles) => records.touch(handles, LIMITS.TOUCH),
      monotonic,
      REMEMBERED,
    );
  }

  note(handle: string): void {
    this.#sightings.add(handle, handle, PACE);
  }

  /** Writes what waits. What cannot be written is noted again at the session's next use. */
  flush(): Promise<void> {
    return this.#sightings.flush();
  }
}
