import { SESSION_CONSTANTS } from '@repo/constants';
import { z } from 'zod';
import { durationToMs } from '../policy/duration.ts';
import { LIFETIMES } from '../policy/limits.ts';
import type { PlanFacts } from '../policy/manager-plan.ts';
import { ConfigurationInvalidError, type ManagerConfiguration } from '../types/index.ts';
import { readEnvironment } from '../utils/environment.ts';

/** Everything that a manager is built from, checked. */
export interface ManagerSettings {
  facts: PlanFacts;
  maxConnections: number;
  absoluteMs: number;
}

const urlOf = (protocols: readonly string[]) =>
  z.string().refine((value) => protocols.some((protocol) => value.startsWith(`${protocol}://`)));

const duration = z
  .union([z.number(), z.string()])
  .transform((value) => durationToMs(value))
  .pipe(z.number());

/** One row a setting: how it is checked and what it takes, for the error. */
const CHECKS = {
  DATABASE_URL: {
    schema: urlOf(['postgres', 'postgresql']),
    takes: 'postgresql://user:password@host:port/database',
    secret: true,
  },
  REDIS_URL: {
    schema: urlOf(['redis', 'rediss']),
    takes: 'redis://host:port or rediss://host:port',
    secret: true,
  },
  SESSION_MAX_CONNECTIONS: {
    schema: z.coerce.number().int().min(1).max(1_000),
    takes: 'a whole number from 1 to 1000',
    secret: false,
  },
  SESSION_ABSOLUTE_TIMEOUT: {
    schema: duration,
    takes: 'seconds, or such as "12h" or "30d"',
    secret: false,
  },
} as const;

/**
 * The configuration, which wins, over the environment, over the defaults; each value checked once.
 * @throws {ConfigurationInvalidError} naming the setting, what it got and what it takes.
 */
export function readSettings(config: ManagerConfiguration): ManagerSettings {
  const environment = readEnvironment();
  return {
    facts: {
      nodeEnv: environment.nodeEnv,
      forceMockMode: environment.forceMockMode,
      databaseUrl: check('DATABASE_URL', config.databaseUrl || environment.databaseUrl),
      redisUrl: check('REDIS_URL', config.redisUrl || environment.redisUrl),
    },
    maxConnections:
      check('SESSION_MAX_CONNECTIONS', config.maxConnections ?? environment.maxConnections) ??
      SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS,
    absoluteMs:
      check('SESSION_ABSOLUTE_TIMEOUT', config.absoluteTimeout ?? environment.absoluteTimeout) ??
      LIFETIMES.ABSOLUTE,
  };
}

function check<Name extends keyof typeof CHECKS>(
  name: Name,
  value: unknown,
): z.output<(typeof CHECKS)[Name]['schema']> | undefined {
  if (value === undefined) return undefined;
  const { schema, takes, secret } = CHECKS[name];
  const result = schema.safeParse(value);
  if (result.success) return result.data as z.output<(typeof CHECKS)[Name]['schema']>;
  const got = secret ? 'something else' : JSON.stringify(value);
  throw new ConfigurationInvalidError(`${name} takes ${takes}; it got ${got}`);
}
