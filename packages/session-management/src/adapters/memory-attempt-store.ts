import { LRUCache } from 'lru-cache';
import type { AttemptLimit, AttemptStore, TakenAttempt } from '../types/index.ts';

/** Most windows, and most networks, that are kept; beyond, the one that was touched longest ago goes. */
const MOST = 50_000;

interface Window {
  count: number;
  endsAt: number;
}

/**
 * Attempts in the memory of one process: the store of mock mode, and the insurance of the others.
 *
 * Bounded. Whoever would push a window out must touch 50 000 others first, each by an attempt that
 * was looked at or from a network of its own. What is known is kept apart from what is tried.
 */
export class MemoryAttemptStore implements AttemptStore {
  readonly #clock: { now(): number };
  readonly #windows = new LRUCache<string, Window>({ max: MOST });
  readonly #known = new LRUCache<string, number>({ max: MOST });

  /** @param clock - Milliseconds that only move forward. */
  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  async take(key: string, { most, withinMs }: AttemptLimit): Promise<TakenAttempt> {
    const now = this.#clock.now();
    const window = this.#running(key, now) ?? { count: 0, endsAt: now + withinMs };
    const granted = window.count < most;
    if (granted) window.count += 1;
    this.#windows.set(key, window);
    return { granted, leftMs: window.endsAt - now };
  }

  async takeBack(key: string, leftMs: number): Promise<void> {
    const now = this.#clock.now();
    const window = this.#running(key, now);
    if (window === undefined || window.endsAt - now > leftMs) return;
    window.count = Math.max(0, window.count - 1);
  }

  async forget(key: string): Promise<void> {
    this.#windows.delete(key);
  }

  async remember(key: string, ms: number): Promise<void> {
    this.#known.set(key, this.#clock.now() + ms);
  }

  async knows(key: string): Promise<boolean> {
    const until = this.#known.get(key);
    return until !== undefined && this.#clock.now() < until;
  }

  #running(key: string, now: number): Window | undefined {
    const window = this.#windows.get(key);
    return window !== undefined && now < window.endsAt ? window : undefined;
  }
}
