import { afterEach, beforeEach } from 'vitest';
import type { SessionAdapter, SessionData } from '../types/index.ts';

/** A store to keep promises with; each `open` gives one of its own. */
export interface SessionAdapterHarness {
  adapter: SessionAdapter;
  /** Reads the clock that the adapter reads, in milliseconds since the epoch. */
  now(): number;
  /** Lets at least `ms` pass: turns a manual clock, or waits when the store keeps its own time. */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** The store of the test that runs. */
export type AdapterStage = () => SessionAdapterHarness;

/** A store of its own for each test. */
export function opened(open: () => Promise<SessionAdapterHarness>): AdapterStage {
  let harness: SessionAdapterHarness;
  beforeEach(async () => {
    harness = await open();
  });
  afterEach(() => harness.close());
  return () => harness;
}

/** Data of a session that lives so many seconds. */
export function lasting(
  store: AdapterStage,
  seconds: number,
  given: Partial<SessionData> = {},
): SessionData {
  const now = store().now();
  const fixed = { user_id: 'user-1', created_at: now, ip: '203.0.113.7' };
  return { ...fixed, expires_at: now + seconds * 1_000, ...given };
}
