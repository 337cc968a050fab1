import type { MonotonicClock, StoreHealth } from '../types/index.ts';
import { within } from './deadline.ts';

/** Longest wait for one check, in milliseconds. */
const PATIENCE = 500;

/**
 * Asks a store whether it answers, and remembers since when it has not.
 *
 * Asks past the guard, so that the answer is of now; where the guard has seen the store fail
 * earlier, its instant counts.
 */
export class StoreProbe {
  readonly #store: 'postgres' | 'redis';
  readonly #ping: () => Promise<unknown>;
  readonly #monotonic: MonotonicClock;
  readonly #wall: { now(): number };
  #degradedSince: number | null = null;

  constructor(
    store: 'postgres' | 'redis',
    ping: () => Promise<unknown>,
    monotonic: MonotonicClock,
    wall: { now(): number },
  ) {
    this.#store = store;
    this.#ping = ping;
    this.#monotonic = monotonic;
    this.#wall = wall;
  }

  async check(): Promise<StoreHealth> {
    const startedAt = this.#monotonic.now();
    try {
      await within(PATIENCE, this.#store, 'health', this.#ping());
      this.#degradedSince = null;
      const latencyMs = this.#monotonic.now() - startedAt;
      return { reachable: true, latencyMs, degradedSince: null };
    } catch {
      this.#degradedSince ??= this.#wall.now();
      return { reachable: false, latencyMs: null, degradedSince: this.#degradedSince };
    }
  }
}
