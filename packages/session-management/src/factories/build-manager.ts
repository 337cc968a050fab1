import { createUserManager, generateSessionId, userManager } from '@repo/exchange-core';
import { PostgresSessionAdapter } from '../adapters/postgres-session-adapter.ts';
import { PostgreSQLUserAdapter } from '../adapters/postgres-user-adapter.ts';
import { RedisSessionAdapter } from '../adapters/redis-session-adapter.ts';
import { RedisUserAdapter } from '../adapters/redis-user-adapter.ts';
import { MockUserManagerWrapper } from '../managers/mock-user-manager-wrapper.ts';
import { ProductionUserManager } from '../managers/production-user-manager.ts';
import { assembleTiers } from '../tiers/assemble.ts';
import { within } from '../tiers/deadline.ts';
import type { Logger, ManagerParts, SessionRecords, UserManager } from '../types/index.ts';
import { AgreedClock, monotonicClock, wallClock } from '../utils/clock.ts';
import { leaseDatabase } from '../utils/prisma-singleton.ts';
import { newHandle } from '../utils/random.ts';
import { leaseRedis } from '../utils/redis-singleton.ts';
import { describeDevice } from '../web/device.ts';

/** A manager, and views of the same stores for other realms. */
export interface BuiltManager {
  manager: UserManager;
  /** A view of the same stores; closing it closes no store. */
  forRealm(realm: string): UserManager;
}

export interface StoresPlan {
  databaseUrl: string;
  redisUrl: string;
  maxConnections: number;
  absoluteMs: number;
}

/** Longest wait for the stores at the start, in milliseconds. Production goes on without them. */
const START_WAIT = 2_000;

/** The in-memory product: sample users outside production, nobody in it. */
export function buildMock(sampleUsers: boolean, absoluteMs: number, logger: Logger): BuiltManager {
  const users = sampleUsers ? userManager : createUserManager();
  const manager = new MockUserManagerWrapper(users, { absoluteMs, logger });
  return { manager, forRealm: (realm) => manager.forRealm(realm) };
}

/**
 * PostgreSQL + Redis. Whether they answer now is told by `answering`; the manager heals by itself
 * when they come back.
 */
export async function buildOnStores(
  plan: StoresPlan,
  logger: Logger,
): Promise<BuiltManager & { answering: boolean }> {
  const redis = leaseRedis(plan);
  const database = leaseDatabase(plan);
  redis.value.reportTo(logger);

  const { prisma, sql } = database.value;
  const records = new PostgresSessionAdapter(sql);
  const clock = new AgreedClock(monotonicClock);
  const parts = assembleTiers({
    mode: 'stores',
    users: new PostgreSQLUserAdapter(prisma, sql),
    records,
    sessionCopies: new RedisSessionAdapter(redis.value.client),
    userCopies: new RedisUserAdapter(redis.value.client),
    clock,
    monotonic: monotonicClock,
    wall: wallClock,
    logger,
    newSessionId: generateSessionId,
    newHandle,
    describeDevice,
    absoluteMs: plan.absoluteMs,
    release: async () => {
      await Promise.all([database.release(), redis.release()]);
    },
  });

  const [recordAnswers, copiesAnswer] = await Promise.all([
    learnTime(records, clock),
    redis.value.ready(START_WAIT),
  ]);
  return {
    manager: new ProductionUserManager(parts),
    forRealm: (realm) => new ProductionUserManager(viewOf(parts), realm),
    answering: recordAnswers && copiesAnswer,
  };
}

/** The same rooms, without the right to close them. */
function viewOf(parts: ManagerParts): ManagerParts {
  return { ...parts, release: async () => undefined };
}

async function learnTime(records: SessionRecords, clock: AgreedClock): Promise<boolean> {
  const sentAt = monotonicClock.now();
  try {
    clock.observe(await within(START_WAIT, 'postgres', 'start', records.ping()), sentAt);
    return true;
  } catch {
    return false;
  }
}
