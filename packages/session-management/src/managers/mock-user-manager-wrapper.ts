import { generateSessionId, type MockUserManager } from '@repo/exchange-core';
import { MemoryAttemptStore } from '../adapters/memory-attempt-store.ts';
import { MemoryDatabase } from '../adapters/memory-database.ts';
import { MemoryEndIntents } from '../adapters/memory-end-intents.ts';
import { MemoryImpersonations } from '../adapters/memory-impersonations.ts';
import { MemorySessionAdapter } from '../adapters/memory-session-adapter.ts';
import { MemorySessionRecords } from '../adapters/memory-session-records.ts';
import { digestsOf } from '../adapters/memory-sessions.ts';
import { MemoryUserAdapter } from '../adapters/memory-user-adapter.ts';
import { MemoryUserCopies } from '../adapters/memory-user-copies.ts';
import { ALONE } from '../policy/key-names.ts';
import { LIMITS } from '../policy/limits.ts';
import { DEFAULT_LOG_IN_LIMITS } from '../policy/log-in-limits.ts';
import { DEFAULT_POLICIES } from '../policy/realm-policy.ts';
import { assembleTiers } from '../tiers/assemble.ts';
import { EventQueue } from '../tiers/event-queue.ts';
import { LimitedAttempts } from '../tiers/limited-attempts.ts';
import { UNLIMITED } from '../tiers/log-in-throttle.ts';
import { managerMetrics } from '../tiers/manager-metrics.ts';
import { Tally } from '../tiers/tally.ts';
import type {
  HealthReport,
  Logger,
  LogInLimits,
  ManagerParts,
  MetricRegistrar,
  SessionEventHook,
  SessionPolicies,
} from '../types/index.ts';
import { wallClock } from '../utils/clock.ts';
import { consoleLogger } from '../utils/logger.ts';
import { newHandle, random } from '../utils/random.ts';
import { describeDevice } from '../web/device.ts';
import { networkOf } from '../web/device-network.ts';
import { SessionUserManager } from './session-user-manager.ts';

export interface MockOptions {
  /** Milliseconds since the epoch; the process's clock unless told. A test hands in one that it turns. */
  clock?: { now(): number } | undefined;
  /** What is true of each realm's sessions; the defaults of realm `web` unless told. */
  policies?: SessionPolicies | undefined;
  /** How many attempts to sign in and up are looked at, the defaults unless told; `null`: all. */
  logInLimits?: LogInLimits | null | undefined;
  logger?: Logger | undefined;
  onEvent?: SessionEventHook | undefined;
  /** Where its metrics are made known until it closes; nowhere unless told. */
  metrics?: MetricRegistrar | undefined;
}

/**
 * The same product on stores in memory: same verbs, same expiry, same lists, same errors.
 *
 * Sessions end with the process. Users are those of the manager that it wraps.
 */
export class MockUserManagerWrapper extends SessionUserManager {
  readonly #parts: ManagerParts;

  constructor(users: MockUserManager, options: MockOptions = {}) {
    const parts = memoryParts(users, options);
    super(parts);
    this.#parts = parts;
  }

  /** A view of the same stores for another realm. */
  forRealm(realm: string): SessionUserManager {
    return new RealmView({ ...this.#parts, release: async () => undefined }, realm);
  }
}

/** The one master of the memory stores; it never restarts without the process. */
const MEMORY = 'memory';

const REACHABLE = { reachable: true, latencyMs: 0, degradedSince: null };
const HEALTHY: Omit<HealthReport, 'events'> = {
  mode: 'mock',
  stores: { record: REACHABLE, copies: REACHABLE },
  nearCopies: { entries: 0, asked: 0, hits: 0 },
  propagation: { waiting: 0, carrier: null, trusted: true },
};

class RealmView extends SessionUserManager {}

function memoryParts(users: MockUserManager, options: MockOptions): ManagerParts {
  const clock = options.clock ?? wallClock;
  const logger = options.logger ?? consoleLogger;
  const metrics = new Tally();
  const { logInLimits = DEFAULT_LOG_IN_LIMITS } = options;
  const attempts = new MemoryAttemptStore(clock);
  const events = new EventQueue({ hook: options.onEvent ?? null, wall: clock, logger, metrics });
  const sessionCopies = new MemorySessionAdapter(clock);
  // What triggers and outbox do elsewhere.
  const database = new MemoryDatabase(
    users,
    clock,
    (session) => void sessionCopies.end(digestsOf(session), session.realm),
  );
  const { near, parts } = assembleTiers({
    users: new MemoryUserAdapter(database, newHandle),
    records: new MemorySessionRecords(database),
    // Memory keeps none.
    audit: { keepMs: null, deleteOld: async () => 0 },
    sessionCopies,
    userCopies: new MemoryUserCopies(clock),
    intents: new MemoryEndIntents(),
    impersonations: new MemoryImpersonations(database),
    attempts: logInLimits === null ? UNLIMITED : new LimitedAttempts(attempts, logInLimits),
    masters: { ownerOf: () => MEMORY },
    trust: { sinceOf: () => 0 },
    // Nobody else is to be told.
    outbox: { deleteCarried: async () => undefined },
    names: ALONE,
    // The stores are in this process already.
    pushes: { feedOf: () => null, onChange: () => () => undefined },
    nearSize: { entries: 0, bytes: 0 },
    legacy: null,
    random,
    clock: { now: () => clock.now(), at: (instant) => instant, observe: () => undefined },
    monotonic: clock,
    timing: LIMITS,
    readStatements: 1,
    logger,
    events,
    metrics,
    newSessionId: generateSessionId,
    newHandle,
    describeDevice,
    networkOf,
    policies: options.policies ?? DEFAULT_POLICIES,
    health: async () => ({ ...HEALTHY, events: events.health() }),
    release: async () => forgetMetrics?.(),
  });
  const forgetMetrics = options.metrics?.add(managerMetrics({ tally: metrics, near, events }));
  return parts;
}
