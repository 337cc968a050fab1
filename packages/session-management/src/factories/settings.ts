import { SESSION_CONSTANTS } from '@repo/constants';
import { z } from 'zod';
import { durationToMs } from '../policy/duration.ts';
import { KEY_PREFIX } from '../policy/key-names.ts';
import { LIMITS, type Timing } from '../policy/limits.ts';
import type { PlanFacts } from '../policy/manager-plan.ts';
import type { NearSize } from '../tiers/near-copies.ts';
import {
  ConfigurationInvalidError,
  isSessionError,
  type LogInLimits,
  type ManagerConfiguration,
  type SessionPolicies,
} from '../types/index.ts';
import { type BuildVariable, buildVariable, isMockForced } from '../utils/environment.ts';
import { parsePostgresUrl } from '../utils/postgres-url.ts';
import { parseRedisAddress } from '../utils/redis-address.ts';
import { legacySchema } from './legacy-move.ts';
import { limitsOf, logInLimitsSchema } from './log-in-limits.ts';
import { policiesOf, realmsSchema } from './realm-settings.ts';

/** Everything that a manager is built from, checked. Durations in milliseconds. */
export interface ManagerSettings {
  facts: PlanFacts;
  directUrl: string | undefined;
  /** Stands before every key in Redis. */
  keyPrefix: string;
  maxConnections: number;
  policies: SessionPolicies;
  timing: Timing;
  redisTimeout: number;
  postgresTimeout: number;
  nearSize: NearSize;
  legacyUntil: number | null;
  /** `null`: every attempt to sign in is looked at. */
  logInLimits: LogInLimits | null;
  /** `null`: never. */
  cleanupEvery: number | null;
  /** `null`: for ever. */
  auditKeep: number | null;
}

/** Who reads a URL has the words for what is wrong with it. */
const urlBy = (read: (url: string) => string) =>
  z.string().transform((url, context) => {
    try {
      return read(url);
    } catch (error) {
      if (!isSessionError(error)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

const postgresUrl = (name: BuildVariable) => urlBy((url) => parsePostgresUrl(url, name));

const redisUrl = urlBy((url) => {
  parseRedisAddress(url);
  return url;
});

const duration = (most: number, least = 0) =>
  z
    .union([z.number(), z.string()])
    .transform((value) => durationToMs(value))
    .pipe(z.number().min(least).max(most));

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 1_440 * MINUTE;

/**
 * One row a setting: its option, how it is checked, and what it takes, for the error. The table makes
 * this file longer than others.
 */
const SETTINGS = {
  DATABASE_URL: {
    option: 'databaseUrl',
    schema: postgresUrl('DATABASE_URL'),
    takes: 'postgresql://user:password@host:port/database',
  },
  DATABASE_DIRECT_URL: {
    option: 'directUrl',
    schema: postgresUrl('DATABASE_DIRECT_URL'),
    takes: 'postgresql://user:password@host:port/database',
  },
  REDIS_URL: {
    option: 'redisUrl',
    schema: redisUrl,
    takes:
      'redis://host:port, rediss://host:port, redis+sentinel://h1,h2,h3/master-name or redis+cluster://h1,h2,h3',
  },
  SESSION_KEY_PREFIX: {
    option: 'keyPrefix',
    schema: z.string().regex(KEY_PREFIX),
    takes: 'up to 32 letters, digits, ":", "_", "-" and "."',
  },
  SESSION_MAX_CONNECTIONS: {
    option: 'maxConnections',
    schema: z.coerce.number().int().min(1).max(1_000),
    takes: 'a whole number from 1 to 1000',
  },
  SESSION_ABSOLUTE_TIMEOUT: {
    option: 'absoluteTimeout',
    schema: duration(Number.POSITIVE_INFINITY),
    takes: 'seconds, or such as "12h" or "30d"',
  },
  SESSION_REALMS: {
    option: 'realms',
    schema: realmsSchema,
    takes:
      'the policy of each realm, such as {"admin":{"absoluteTimeout":"12h","freshFor":"5m","maxSessions":5,"atLimit":"end-oldest"}}',
  },
  SESSION_CONFIRM_AFTER: {
    option: 'confirmAfter',
    schema: duration(LIMITS.F),
    takes: 'seconds, at most 30',
  },
  SESSION_OUTAGE_GRACE: {
    option: 'outageGrace',
    schema: duration(LIMITS.G),
    takes: 'seconds, or such as "2m", at most 5 minutes',
  },
  SESSION_LOOKUP_DEADLINE: {
    option: 'lookupDeadline',
    schema: duration(30 * SECOND),
    takes: 'such as "800ms", at most 30 s',
  },
  SESSION_REDIS_TIMEOUT: {
    option: 'redisTimeout',
    schema: duration(30 * SECOND),
    takes: 'such as "50ms", at most 30 s',
  },
  SESSION_POSTGRES_TIMEOUT: {
    option: 'postgresTimeout',
    schema: duration(SESSION_CONSTANTS.DATABASE.CONNECTION_TIMEOUT),
    takes: 'such as "500ms", at most 30 s',
  },
  SESSION_NEAR_COPIES: {
    option: 'nearCopies',
    schema: z.coerce.number().int().min(0).max(10_000_000),
    takes: 'a whole number from 0 to 10000000',
  },
  SESSION_NEAR_COPIES_BYTES: {
    option: 'nearCopiesBytes',
    schema: z.coerce
      .number()
      .int()
      .min(0)
      .max(2 ** 40),
    takes: 'a whole number of bytes, at most 1 TiB',
  },
  SESSION_LEGACY_UNTIL: {
    option: 'legacySessions',
    schema: legacySchema,
    takes:
      'a day such as 2026-12-31, or an instant such as 2026-12-31T18:00:00Z, at most 400 days ahead',
  },
  SESSION_LOGIN_LIMITS: {
    option: 'logInLimits',
    schema: logInLimitsSchema,
    takes:
      'off, or limits such as {"account":{"most":50,"within":"1h"}} of accountAndNetwork, account, network and signUp, each of 1 to 100000 in whole seconds up to a day',
  },
  SESSION_CLEANUP_EVERY: {
    option: 'cleanupEvery',
    schema: z.union([z.literal('off'), duration(7 * DAY, MINUTE)]),
    takes: 'off, or such as "1h", from "1m" to "7d"',
  },
  SESSION_AUDIT_KEEP: {
    option: 'auditKeep',
    schema: duration(Number.POSITIVE_INFINITY, DAY),
    takes: 'such as "365d", at least "1d"',
  },
} as const satisfies Partial<Record<BuildVariable, Setting>>;

interface Setting {
  option: keyof ManagerConfiguration;
  schema: z.ZodType;
  takes: string;
}

type SettingName = keyof typeof SETTINGS;

/**
 * The configuration, which wins, over the environment, over the defaults; each value checked once.
 * @throws {ConfigurationInvalidError} naming the setting, what it got and what it takes.
 */
export function readSettings(config: ManagerConfiguration): ManagerSettings {
  const read = reader(config);

  return {
    facts: {
      nodeEnv: buildVariable('NODE_ENV'),
      forceMockMode: isMockForced(),
      databaseUrl: read('DATABASE_URL'),
      redisUrl: read('REDIS_URL'),
    },
    directUrl: read('DATABASE_DIRECT_URL'),
    keyPrefix: read('SESSION_KEY_PREFIX') ?? '',
    maxConnections: read('SESSION_MAX_CONNECTIONS') ?? SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS,
    policies: policiesIn(read),
    timing: {
      F: read('SESSION_CONFIRM_AFTER') ?? LIMITS.F,
      G: read('SESSION_OUTAGE_GRACE') ?? LIMITS.G,
      D: read('SESSION_LOOKUP_DEADLINE') ?? LIMITS.D,
    },
    redisTimeout: read('SESSION_REDIS_TIMEOUT') ?? 50,
    postgresTimeout: read('SESSION_POSTGRES_TIMEOUT') ?? 500,
    nearSize: {
      entries: read('SESSION_NEAR_COPIES') ?? 50_000,
      bytes: read('SESSION_NEAR_COPIES_BYTES') ?? 64 * 2 ** 20,
    },
    legacyUntil: read('SESSION_LEGACY_UNTIL') ?? null,
    logInLimits: limitsOf(read('SESSION_LOGIN_LIMITS')),
    cleanupEvery: whenCleaned(read('SESSION_CLEANUP_EVERY')),
    auditKeep: read('SESSION_AUDIT_KEEP') ?? null,
  };
}

/** Once a day unless told: until it runs, rows stand unmarked that a raised floor has ended. */
function whenCleaned(given: number | 'off' | undefined): number | null {
  return given === 'off' ? null : (given ?? DAY);
}

/** The policies of the environment. @throws {ConfigurationInvalidError} as {@link readSettings}. */
export function readPolicies(): SessionPolicies {
  return policiesIn(reader({}));
}

/** One variable of the environment. @throws {ConfigurationInvalidError} as {@link readSettings}. */
export function readVariable<Name extends SettingName>(name: Name) {
  return reader({})(name);
}

function policiesIn(read: ReturnType<typeof reader>): SessionPolicies {
  return policiesOf(read('SESSION_ABSOLUTE_TIMEOUT'), read('SESSION_REALMS') ?? {});
}

function reader(config: ManagerConfiguration) {
  return <Name extends SettingName>(name: Name) => {
    const given = config[SETTINGS[name].option];
    return check(name, given === undefined || given === '' ? buildVariable(name) : given);
  };
}

function check<Name extends SettingName>(
  name: Name,
  value: unknown,
): z.output<(typeof SETTINGS)[Name]['schema']> | undefined {
  if (value === undefined) return undefined;
  const result = SETTINGS[name].schema.safeParse(value);
  if (result.success) return result.data as z.output<(typeof SETTINGS)[Name]['schema']>;
  throw new ConfigurationInvalidError(complaint(name, value, result.error));
}

/** Each variable whose value we do not take, and the words for it: all of them, for who mends them at once. */
export function wrongVariables(): { name: SettingName; complaint: string }[] {
  const names = Object.keys(SETTINGS) as SettingName[];
  return names.flatMap((name) => {
    const value = buildVariable(name);
    const wrong = value === undefined ? undefined : SETTINGS[name].schema.safeParse(value).error;
    return wrong === undefined ? [] : [{ name, complaint: complaint(name, value, wrong) }];
  });
}

function complaint(name: SettingName, value: unknown, wrong: z.ZodError): string {
  if (!name.endsWith('_URL')) {
    return `${name} takes ${SETTINGS[name].takes}; it got ${JSON.stringify(value)}`;
  }
  // Its value may hold a password.
  const said = wrong.issues.find(({ code }) => code === 'custom');
  return said?.message ?? `${name} takes ${SETTINGS[name].takes}; it got something else`;
}
