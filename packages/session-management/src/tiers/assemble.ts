import type {
  HealthReport,
  Logger,
  ManagerParts,
  MonotonicClock,
  SessionCopies,
  SessionRecords,
  StoreClock,
  UserCopies,
  UserRecords,
} from '../types/index.ts';
import { Background } from './background.ts';
import { FastCopies } from './fast-copies.ts';
import { KnownChanges } from './known-changes.ts';
import { LastSeen } from './last-seen.ts';
import { RecordBatcher } from './record-batcher.ts';
import { SessionLookup } from './session-lookup.ts';
import { SessionWrites } from './session-writes.ts';
import { StoreProbe } from './store-health.ts';

/** What the tiers are put together from. */
export interface TierParts
  extends Pick<ManagerParts, 'newSessionId' | 'newHandle' | 'describeDevice' | 'absoluteMs'> {
  mode: HealthReport['mode'];
  users: UserRecords;
  records: SessionRecords;
  sessionCopies: SessionCopies;
  userCopies: UserCopies;
  clock: StoreClock;
  monotonic: MonotonicClock;
  wall: { now(): number };
  logger: Logger;
  release(): Promise<void>;
}

/** Record, fast copies and memory as the verbs need them. Mock mode and production are both made here. */
export function assembleTiers(parts: TierParts): ManagerParts {
  const { clock, monotonic, records } = parts;
  const background = new Background(parts.logger);
  const copies = new FastCopies(parts.sessionCopies, parts.userCopies);
  const changes = new KnownChanges(monotonic, clock);
  const seen = new LastSeen(records, monotonic);
  const finder = new SessionLookup({
    copies,
    batcher: new RecordBatcher(records),
    changes,
    clock,
    monotonic,
    behind: (operation, work) => background.behind(operation, work),
  });
  const keeper = new SessionWrites({
    records,
    copies,
    changes,
    clock,
    monotonic,
    opened: (digest) => finder.opened(digest),
    settle: (operation, work) => background.settle(operation, work),
  });

  return {
    users: parts.users,
    records,
    finder,
    keeper,
    seen,
    newSessionId: parts.newSessionId,
    newHandle: parts.newHandle,
    describeDevice: parts.describeDevice,
    absoluteMs: parts.absoluteMs,
    health: healthOf(parts),
    release: async () => {
      await seen.flush();
      await background.drain();
      await parts.release();
    },
  };
}

function healthOf(parts: TierParts): () => Promise<HealthReport> {
  const { monotonic, wall } = parts;
  const record = new StoreProbe('postgres', () => parts.records.ping(), monotonic, wall);
  const copies = new StoreProbe('redis', () => parts.sessionCopies.now(), monotonic, wall);

  return async () => {
    const [recordHealth, copiesHealth] = await Promise.all([record.check(), copies.check()]);
    return { mode: parts.mode, stores: { record: recordHealth, copies: copiesHealth } };
  };
}
