import { generateSessionId } from '@repo/exchange-core';
import { PostgresAudit } from '../adapters/postgres-audit.ts';
import { readDeployment } from '../adapters/postgres-identity.ts';
import { PostgresImpersonations } from '../adapters/postgres-impersonations.ts';
import { PostgresMasters } from '../adapters/postgres-masters.ts';
import { PostgresOutbox } from '../adapters/postgres-outbox.ts';
import { PostgresSessionAdapter } from '../adapters/postgres-session-adapter.ts';
import { PostgreSQLUserAdapter } from '../adapters/postgres-user-adapter.ts';
import { RedisEndIntents } from '../adapters/redis-end-intents.ts';
import { RedisSessionAdapter } from '../adapters/redis-session-adapter.ts';
import { RedisUserAdapter } from '../adapters/redis-user-adapter.ts';
import type { Timing } from '../policy/limits.ts';
import { applyChanges } from '../propagation/apply-changes.ts';
import { Carrier } from '../propagation/carrier.ts';
import { carryOutIntents } from '../propagation/carry-out-intents.ts';
import { HeardMasters } from '../propagation/heard-masters.ts';
import { assembleTiers } from '../tiers/assemble.ts';
import { within } from '../tiers/deadline.ts';
import { EventQueue } from '../tiers/event-queue.ts';
import { GatheredReads } from '../tiers/gathered-reads.ts';
import { GuardedRedis, guardedSql } from '../tiers/guarded-clients.ts';
import { managerMetrics } from '../tiers/manager-metrics.ts';
import type { NearSize } from '../tiers/near-copies.ts';
import { StoreGuard } from '../tiers/store-guard.ts';
import { Tally } from '../tiers/tally.ts';
import { tracedRedis, tracedSql } from '../tiers/traced-clients.ts';
import type {
  HealthReport,
  Logger,
  LogInLimits,
  ManagerParts,
  SessionEventHook,
  SessionPolicies,
} from '../types/index.ts';
import { AgreedClock, monotonicClock, wallClock } from '../utils/clock.ts';
import { processName } from '../utils/environment.ts';
import { metricRegistry } from '../utils/metric-registry.ts';
import { isNoFaultOfPostgres, leaseDatabase } from '../utils/prisma-singleton.ts';
import { newHandle, random } from '../utils/random.ts';
import { isRedisReply } from '../utils/redis-link.ts';
import { leaseRedis } from '../utils/redis-singleton.ts';
import { tripTracer } from '../utils/trip-tracer.ts';
import { describeDevice } from '../web/device.ts';
import { networkOf } from '../web/device-network.ts';
import { DeploymentNames } from './deployment-names.ts';
import { legacyMove } from './legacy-move.ts';
import { attemptGate } from './log-in-limits.ts';
import { learnTime, readsAgain, trustsPresent } from './store-questions.ts';
import { storesHealth } from './stores-health.ts';
import { storesGauges } from './stores-metrics.ts';

/** Two stores and how to speak to them. Durations in milliseconds. */
export interface StoresPlan {
  databaseUrl: string;
  redisUrl: string;
  /** Stands before every key in Redis. */
  keyPrefix: string;
  maxConnections: number;
  policies: SessionPolicies;
  timing: Timing;
  redisTimeout: number;
  nearSize: NearSize;
  /** Until when sessions of the document's design are taken over, ms since the epoch; `null`: they are not. */
  legacyUntil: number | null;
  postgresTimeout: number;
  /** `null`: every attempt to sign in is looked at. */
  logInLimits: LogInLimits | null;
  /** How old lines of the audit may be when `cleanup` runs; `null`: any age. */
  auditKeep: number | null;
}

/** Longest wait for the stores at the start, in milliseconds. Production goes on without them. */
const START_WAIT = 2_000;

/** PostgreSQL and Redis, guarded, kept in step, and put together as a manager's parts. */
export async function openStores(
  plan: StoresPlan,
  logger: Logger,
  hook: SessionEventHook | null,
): Promise<{ parts: ManagerParts; answering: boolean }> {
  const registry = metricRegistry();
  const metrics = new Tally((name, seconds) => registry.time(name, seconds));
  const events = new EventQueue({ hook, wall: wallClock, logger, metrics });
  const redis = leaseRedis(plan);
  const { databaseUrl, maxConnections, postgresTimeout } = plan;
  const connectionTimeout = Math.ceil(postgresTimeout / 2);
  const database = leaseDatabase({ databaseUrl, maxConnections, connectionTimeout });
  const bareSql = database.value.statements(postgresTimeout);
  const bareRecords = new PostgresSessionAdapter(bareSql);
  const bareCopies = new RedisSessionAdapter(redis.value.client);
  const common = { logger, events, wall: wallClock, random };
  const postgresGuard = new StoreGuard({
    ...common,
    store: 'postgres',
    patienceMs: postgresTimeout,
    ping: () => readsAgain(bareRecords),
    isNoFault: isNoFaultOfPostgres,
  });
  const { abandoned, laneOf, ping } = redis.value;
  const client = new GuardedRedis(
    redis.value.client,
    laneOf,
    (lane) =>
      new StoreGuard({
        ...common,
        store: 'redis',
        patienceMs: plan.redisTimeout,
        ping: () => ping(lane),
        isNoFault: isRedisReply,
        abandoned: () => abandoned(lane),
      }),
  );

  const sql = tracedSql(guardedSql(bareSql, postgresGuard), tripTracer);
  const commands = tracedRedis(client, tripTracer);
  const users = new PostgreSQLUserAdapter(database.value.prisma, sql);
  const records = new PostgresSessionAdapter(sql);
  const reads = redis.value.isOneNode ? new GatheredReads(commands) : commands;
  const clock = new AgreedClock(monotonicClock);
  const names = new DeploymentNames(() => readDeployment(sql), plan.keyPrefix);
  const sessionCopies = new RedisSessionAdapter(reads, names);
  const userCopies = new RedisUserAdapter(reads, names, clock);
  const intents = new RedisEndIntents(commands, names);
  const apart = tracedSql(database.value.statementsApart(postgresTimeout), tripTracer);
  const outbox = new PostgresOutbox(apart);
  const masters = new PostgresMasters(apart);
  const heard: HeardMasters = new HeardMasters({
    names: masters,
    clock,
    monotonic: monotonicClock,
    wall: wallClock,
    onDoubt: () => near.forgetAll(),
    onHeard: () => void endKept().catch(() => undefined),
  });

  const { changes, endKept, near, parts } = assembleTiers({
    users,
    records,
    audit: new PostgresAudit(sql, plan.auditKeep),
    sessionCopies,
    userCopies,
    intents,
    impersonations: new PostgresImpersonations(sql),
    attempts: attemptGate(plan.logInLimits, commands, names, logger),
    masters: redis.value.masters,
    trust: heard,
    outbox,
    names,
    pushes: redis.value.pushes,
    nearSize: plan.nearSize,
    legacy: legacyMove(plan.legacyUntil, reads, sql),
    random,
    clock,
    monotonic: monotonicClock,
    timing: plan.timing,
    readStatements: Math.max(1, Math.floor(maxConnections / 2)),
    logger,
    events,
    metrics,
    newSessionId: generateSessionId,
    newHandle,
    describeDevice,
    networkOf,
    policies: plan.policies,
    health: () => health(),
    release: async () => {
      heard.close();
      names.close();
      await carrier.close();
      postgresGuard.close();
      client.close();
      await Promise.all([database.release(), redis.release()]);
      forgetMetrics();
    },
  });
  const carrier = new Carrier({
    // Two managers of one process are two carriers.
    owner: `${processName()}:${newHandle().slice(-6)}`,
    outbox,
    names: masters,
    heard,
    masters: redis.value.masters,
    apply: (rows) =>
      applyChanges(
        {
          records: new PostgresSessionAdapter(apart),
          users: new PostgreSQLUserAdapter(database.value.prisma, apart),
          sessionCopies,
          userCopies,
          masters: redis.value.masters,
          names,
          learn: changes,
        },
        rows,
      ),
    whenBothAnswer: () => carryOutIntents(intents, parts.keeper),
    monotonic: monotonicClock,
    logger,
    metrics,
  });
  const guards = { postgres: postgresGuard, redis: client };
  const gauges = storesGauges({ near, guards, outbox });
  const forgetMetrics = registry.add(managerMetrics({ tally: metrics, near, events, gauges }));
  const health: () => Promise<HealthReport> = storesHealth({
    records: bareRecords,
    copies: bareCopies,
    guards,
    outbox,
    near,
    events,
    carrier: () => heard.news?.carrier ?? null,
    isTrusted: () => trustsPresent(heard, redis.value.masters, clock),
    monotonic: monotonicClock,
    wall: wallClock,
  });

  const [recordAnswers, copiesAnswer] = await Promise.all([
    learnTime(bareRecords, clock, START_WAIT),
    redis.value.ready(START_WAIT),
    within(START_WAIT, 'postgres', 'start', heard.start()).catch(() => undefined),
    names.learn(START_WAIT),
  ]);
  carrier.start();
  return { parts, answering: recordAnswers && copiesAnswer };
}
