import { isExpired } from '../policy/expiry.ts';

/** Milliseconds since the epoch. */
export interface MemoryClock {
  now(): number;
}

interface Entry {
  text: string;
  diesAt: number;
}

/** How often, at most, a write looks for expired entries that nobody asks for. In milliseconds. */
const SWEEP_EVERY = 10_000;

/**
 * Texts by key, each with an end: what the memory adapters keep instead of Redis.
 *
 * The exact instant counts as expired. Entries leave when they are asked for after their end, or
 * in a sweep, so memory holds what lives and what expired within the last sweep.
 */
export class MemoryKeys {
  readonly #clock: MemoryClock;
  readonly #entries = new Map<string, Entry>();
  #sweepAt = Number.NEGATIVE_INFINITY;

  constructor(clock: MemoryClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  now(): number {
    return this.#clock.now();
  }

  get(key: string): string | null {
    return this.#living(key)?.text ?? null;
  }

  /** Milliseconds that the entry has left; 0 when there is none. */
  left(key: string): number {
    const entry = this.#living(key);
    return entry ? entry.diesAt - this.#clock.now() : 0;
  }

  set(key: string, text: string, lifeMs: number): void {
    this.#sweep();
    this.#entries.set(key, { text, diesAt: this.#clock.now() + lifeMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  #living(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry || !isExpired(entry.diesAt, this.#clock.now())) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #sweep(): void {
    const now = this.#clock.now();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + SWEEP_EVERY;
    for (const [key, { diesAt }] of this.#entries) {
      if (isExpired(diesAt, now)) this.#entries.delete(key);
    }
  }
}
