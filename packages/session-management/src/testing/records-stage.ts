import type { LiveSession, NewSession, SessionRecords, UserRecords } from '../types/index.ts';
import { newSession } from './samples.ts';

/** A record to keep promises with, and its users. */
export interface SessionRecordsHarness {
  records: SessionRecords;
  users: UserRecords;
  /** Deletes a user as an administrator would, past the ports. */
  removeUser(id: string): Promise<void>;
  /** Lets at least `ms` pass by the record's clock. */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What the tests of a record share: the harness, a user, and what is done over and over. */
export interface RecordsStage {
  records(): SessionRecords;
  harness(): SessionRecordsHarness;
  userId(): string;
  open(given?: Partial<NewSession>): Promise<LiveSession>;
  stateOf(digest: string): Promise<string | undefined>;
}

export function recordsStage(
  harness: () => SessionRecordsHarness,
  userId: () => string,
): RecordsStage {
  return {
    harness,
    userId,
    records: () => harness().records,
    open: (given = {}) => harness().records.create(newSession(userId(), given)),
    stateOf: async (digest) => (await harness().records.read([digest])).get(digest)?.state,
  };
}
