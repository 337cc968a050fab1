import { z } from 'zod';
import { MemoryAttemptStore } from '../adapters/memory-attempt-store.ts';
import { RedisAttemptStore } from '../adapters/redis-attempt-store.ts';
import { durationToMs } from '../policy/duration.ts';
import {
  DEFAULT_LOG_IN_LIMITS,
  LONGEST_WINDOW,
  localLimits,
  MOST_ATTEMPTS,
} from '../policy/log-in-limits.ts';
import { InsuredAttempts } from '../tiers/insured-attempts.ts';
import { LimitedAttempts } from '../tiers/limited-attempts.ts';
import { UNLIMITED } from '../tiers/log-in-throttle.ts';
import type {
  AttemptGate,
  KeyNamesSource,
  Logger,
  LogInLimits,
  RedisClient,
} from '../types/index.ts';
import { monotonicClock } from '../utils/clock.ts';

const limit = z
  .strictObject({
    most: z.int().min(1).max(MOST_ATTEMPTS),
    within: z
      .union([z.number(), z.string()])
      .transform(durationToMs)
      .pipe(z.number().multipleOf(1_000).max(LONGEST_WINDOW)),
  })
  .transform(({ most, within }) => Object.freeze({ most, withinMs: within }))
  .optional();

const limits = z.strictObject({
  accountAndNetwork: limit,
  account: limit,
  network: limit,
  signUp: limit,
});

/** What `SESSION_LOGIN_LIMITS` takes: `off`, or limits as an object or as JSON. */
export const logInLimitsSchema = z.union([
  z.literal('off'),
  z.string().transform(parsed).pipe(limits),
  limits,
]);

/** What counts; `null` where nothing does. */
export function limitsOf(given: z.output<typeof logInLimitsSchema> = {}): LogInLimits | null {
  if (given === 'off') return null;
  const { account, accountAndNetwork, network, signUp } = given;
  return Object.freeze({
    accountAndNetwork: accountAndNetwork ?? DEFAULT_LOG_IN_LIMITS.accountAndNetwork,
    account: account ?? DEFAULT_LOG_IN_LIMITS.account,
    network: network ?? DEFAULT_LOG_IN_LIMITS.network,
    signUp: signUp ?? DEFAULT_LOG_IN_LIMITS.signUp,
  });
}

/** Counted in Redis for all processes, and in this one while Redis cannot be asked. */
export function attemptGate(
  counted: LogInLimits | null,
  client: RedisClient,
  names: KeyNamesSource,
  logger: Logger,
): AttemptGate {
  if (counted === null) return UNLIMITED;
  const learned = new MemoryAttemptStore(monotonicClock);
  return new InsuredAttempts({
    shared: new LimitedAttempts(new RedisAttemptStore(client, names), counted),
    local: new LimitedAttempts(learned, localLimits(counted)),
    learned,
    logger,
    monotonic: monotonicClock,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
