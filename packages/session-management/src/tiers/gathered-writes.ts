import { LRUCache } from 'lru-cache';
import type { MonotonicClock } from '../types/index.ts';

/** Items in one write. */
const MOST = 1_000;
/** When an item is written, in milliseconds. */
export interface Pace {
  /** Not again within this time. */
  every: number;
  /** How long it may wait for others. */
  wait: number;
}

/**
 * Writes that nobody waits for: each item at most once in its time, many in one write.
 *
 * What cannot be written is forgotten, so that it is taken again when it comes next. Loses what
 * waits when the process is killed.
 */
export class GatheredWrites<Item> {
  readonly #write: (items: Item[]) => Promise<unknown>;
  readonly #monotonic: MonotonicClock;
  readonly #written: LRUCache<string, true>;
  #waiting = new Map<string, Item>();
  #timer: NodeJS.Timeout | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;

  /** @param remembered - Of how many items it is remembered that they were written. */
  constructor(
    write: (items: Item[]) => Promise<unknown>,
    monotonic: MonotonicClock,
    remembered: number,
  ) {
    this.#write = write;
    this.#monotonic = monotonic;
    this.#written = new LRUCache({ max: remembered, perf: monotonic, ttlResolution: 0 });
  }

  add(key: string, item: Item, { every, wait }: Pace): void {
    if (this.#written.has(key)) return;
    this.#written.set(key, true, { ttl: every });
    this.#waiting.set(key, item);
    if (this.#waiting.size >= MOST) void this.flush();
    else this.#wakeIn(wait);
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    if (this.#waiting.size === 0) return;

    const waiting = this.#waiting;
    this.#waiting = new Map();
    try {
      await this.#write([...waiting.values()]);
    } catch {
      for (const key of waiting.keys()) this.#written.delete(key);
    }
  }

  #wakeIn(ms: number): void {
    const wakeAt = this.#monotonic.now() + ms;
    if (wakeAt >= this.#wakeAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wakeAt = wakeAt;
    this.#timer = setTimeout(() => void this.flush(), ms).unref();
  }
}
