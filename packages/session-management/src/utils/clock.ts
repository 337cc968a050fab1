import type { MonotonicClock, StoreClock } from '../types/index.ts';

/** The process's own steady clock. */
export const monotonicClock: MonotonicClock = { now: () => performance.now() };

/** The process's calendar clock: for mock mode and log lines. Decides nothing where there is a store to ask. */
export const wallClock = { now: (): number => Date.now() };

/**
 * PostgreSQL's clock, as an offset on the process's steady clock.
 *
 * A store that says `t` in a reply was right about `t` at some moment between the sending and the
 * reply, which bounds the offset from both sides. Bounds of later replies narrow it; bounds that
 * contradict it (the store's clock was set, or the two drifted apart) replace it.
 */
export class AgreedClock implements StoreClock {
  readonly #monotonic: MonotonicClock;
  #lowest = Number.NEGATIVE_INFINITY;
  #highest = Number.POSITIVE_INFINITY;

  constructor(monotonic: MonotonicClock) {
    this.#monotonic = monotonic;
  }

  now(): number | null {
    return this.at(this.#monotonic.now());
  }

  at(monotonic: number): number | null {
    if (!Number.isFinite(this.#lowest)) return null;
    return monotonic + (this.#lowest + this.#highest) / 2;
  }

  observe(instant: number, sentAt: number): void {
    const lowest = instant - this.#monotonic.now();
    const highest = instant - sentAt;
    const agrees = lowest <= this.#highest && highest >= this.#lowest;
    this.#lowest = agrees ? Math.max(lowest, this.#lowest) : lowest;
    this.#highest = agrees ? Math.min(highest, this.#highest) : highest;
  }
}
