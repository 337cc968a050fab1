import { LRUCache } from 'lru-cache';
import { LIMITS } from '../policy/limits.ts';
import type { EndIntent, EndIntents, MonotonicClock } from '../types/index.ts';

/** Ends that one process remembers; beyond, the oldest are left to the fast store. */
const MOST = 10_000;

/**
 * Ends that the record could not take. Whoever was asked keeps them for W and sees to them by itself as soon as the
 * record answers; the fast store keeps them too, for whoever finds them where this process has gone.
 */
export class KeptIntents {
  readonly #intents: EndIntents;
  readonly #kept: LRUCache<string, EndIntent>;
  #running: Promise<void> | null = null;

  constructor(intents: EndIntents, monotonic: MonotonicClock) {
    this.#intents = intents;
    this.#kept = new LRUCache({ max: MOST, ttl: LIMITS.W, perf: monotonic, ttlResolution: 0 });
  }

  add(intent: EndIntent): Promise<void> {
    this.#kept.set(intent.digest, intent);
    return this.#intents.add(intent);
  }

  /** Ends what is kept, in the order in which it was asked for, until one fails; that is tried again with the next call. */
  carryOut(end: (intent: EndIntent) => Promise<unknown>): Promise<void> {
    this.#running ??= this.#carryOut(end).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #carryOut(end: (intent: EndIntent) => Promise<unknown>): Promise<void> {
    for (const intent of [...this.#kept.values()].reverse()) {
      await end(intent);
      this.#kept.delete(intent.digest);
      // One that stays there ends nothing twice.
      await this.#intents.remove(intent).catch(() => undefined);
    }
  }
}
