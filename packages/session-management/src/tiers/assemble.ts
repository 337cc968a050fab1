import type { Timing } from '../policy/limits.ts';
import type {
  AttemptGate,
  EndIntents,
  FastStoreMasters,
  HealthReport,
  Impersonations,
  KeyNamesSource,
  LegacyMove,
  Logger,
  ManagerParts,
  MasterTrust,
  MetricSink,
  MonotonicClock,
  Outbox,
  PushSource,
  SessionCopies,
  SessionRecords,
  StoreClock,
  UserCopies,
  UserRecords,
} from '../types/index.ts';
import { Background } from './background.ts';
import { countedFinder } from './counted-finder.ts';
import type { EventQueue } from './event-queue.ts';
import { FastCopies } from './fast-copies.ts';
import { impersonation } from './impersonate.ts';
import { KeptIntents } from './kept-intents.ts';
import { KnownChanges } from './known-changes.ts';
import { LastSeen } from './last-seen.ts';
import { LegacySessions } from './legacy-sessions.ts';
import { LogInGroups } from './log-in-groups.ts';
import { LogInThrottle } from './log-in-throttle.ts';
import { NearCopies, type NearSize } from './near-copies.ts';
import { type OriginNames, OriginNews } from './origin-watch.ts';
import { OwnChanges } from './own-changes.ts';
import { RecordBatcher } from './record-batcher.ts';
import { Renewals } from './renewals.ts';
import { SessionLookup } from './session-lookup.ts';
import { SessionRotations } from './session-rotations.ts';
import { SessionWrites } from './session-writes.ts';

/** What the tiers are put together from. */
export interface TierParts
  extends OriginNames,
    Pick<ManagerParts, 'audit' | 'newSessionId' | 'newHandle' | 'describeDevice' | 'policies'> {
  users: UserRecords;
  records: SessionRecords;
  sessionCopies: SessionCopies;
  userCopies: UserCopies;
  intents: EndIntents;
  impersonations: Impersonations;
  /** Lets attempts to sign in go on, or refuses them. */
  attempts: AttemptGate;
  masters: Pick<FastStoreMasters, 'ownerOf'>;
  trust: MasterTrust;
  outbox: Pick<Outbox, 'deleteCarried'>;
  names: KeyNamesSource;
  pushes: PushSource;
  nearSize: NearSize;
  /** The move from the document's design; `null` while there is none. */
  legacy: LegacyMove | null;
  clock: StoreClock;
  monotonic: MonotonicClock;
  timing: Timing;
  /** Statements of lookups under way at once: at most half of the pool, so that log-ins find room. */
  readStatements: number;
  logger: Logger;
  events: EventQueue;
  metrics: MetricSink;
  /** A number from 0 to 1, for jitter. */
  random(): number;
  health(): Promise<HealthReport>;
  release(): Promise<void>;
}

/** The parts of a manager, and what propagation teaches them. */
export interface Tiers {
  parts: ManagerParts;
  changes: KnownChanges;
  near: NearCopies;
  /** Sees to the ends that the record could not take, once it answers. */
  endKept(): Promise<void>;
}

/** Record, fast copies and memory as the verbs need them. Mock mode and production are both made here. */
export function assembleTiers(given: TierParts): Tiers {
  const { clock, events, metrics, monotonic, names, pushes, random, records, timing } = given;
  const background = new Background(given.logger);
  const near = new NearCopies(
    {
      pushes,
      names,
      clock,
      monotonic,
      timing,
      random,
      recalled: (digest, use, isDue) => finder.recalled(digest, use, isDue),
    },
    given.nearSize,
  );
  const changes = new KnownChanges(monotonic, clock, near);
  const copies = new FastCopies({
    sessions: given.sessionCopies,
    users: given.userCopies,
    masters: given.masters,
    trust: given.trust,
    changes,
    near,
    names,
    clock,
    monotonic,
    metrics,
  });
  const { audit, policies, describeDevice, health, newHandle, newSessionId, users } = given;
  const settle = (operation: string, work: () => Promise<unknown>): Promise<void> =>
    background.settle(operation, work);
  const { masters, outbox } = given;
  const own = new OwnChanges({ copies, masters, names, outbox, settle });
  const intents = new KeptIntents(given.intents, monotonic);
  const seen = new LastSeen(records, monotonic);
  const renewals = new Renewals({
    records,
    own,
    changes,
    policies,
    clock,
    monotonic,
    settle,
  });
  const finder = new SessionLookup({
    copies,
    batcher: new RecordBatcher(records, given.readStatements),
    changes,
    clock,
    monotonic,
    timing,
    // A renewal says that the session was seen.
    seen: { note: (use) => void (renewals.note(use) || seen.note(use.handle)) },
    events,
    random,
    behind: (operation, work) => background.behind(operation, work),
  });
  const { impersonations } = given;
  const opened = (digest: string): void => finder.opened(digest);
  const writing = { records, copies, own, changes, clock, monotonic, events, opened, settle };
  const logIns = new LogInGroups(records, timing.D);
  const keeper = new SessionWrites({ ...writing, logIns, intents });
  const legacy =
    given.legacy &&
    new LegacySessions({
      finder,
      move: given.legacy,
      policies,
      clock,
      monotonic,
      timing,
      newHandle,
      opened,
    });
  const tools = { audit, policies, describeDevice, health, newHandle, newSessionId };
  const release = async (): Promise<void> => {
    near.close();
    await Promise.all([renewals.flush(), seen.flush()]);
    await background.drain();
    await own.flush();
    await events.close();
    await given.release();
  };
  const counted = countedFinder(legacy ?? finder, (digest) => near.recall(digest), metrics);
  const parts: ManagerParts = {
    users,
    records,
    finder: counted,
    keeper,
    rotator: new SessionRotations(writing),
    takeOver: async (...presented) => (await legacy?.takeOver(...presented)) ?? null,
    impersonate: impersonation({ ...writing, impersonations }),
    origins: new OriginNews(given, events),
    throttle: new LogInThrottle(given.attempts, { networkOf: given.networkOf, settle }),
    ...tools,
    release,
  };
  const endKept = (): Promise<void> =>
    intents.carryOut(({ digest, realm }) => keeper.endByDigest(digest, realm, 'signed-out'));
  return { parts, changes, near, endKept };
}
