import type { SessionAdapter, SessionCopies } from '../types/index.ts';

/** Copies to keep promises with. `adapter` is the document's port over the same keys. */
export interface SessionCopiesHarness {
  copies: SessionCopies & SessionAdapter;
  /** Reads the clock that the store reads, in milliseconds since the epoch. */
  now(): number;
  /** Lets at least `ms` pass. */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** The copies of the test that runs. */
export type CopiesStage = () => SessionCopiesHarness;
