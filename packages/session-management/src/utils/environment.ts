import { z } from 'zod';
import { ConfigurationInvalidError, type ManagerEnvironment } from '../types/index.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const BUILD_VARIABLES = [
  'NODE_ENV',
  'FORCE_MOCK_MODE',
  'DATABASE_URL',
  'REDIS_URL',
  'SESSION_MAX_CONNECTIONS',
  'SESSION_ABSOLUTE_TIMEOUT',
] as const;

/** What the environment says; an empty variable counts as missing. */
export interface EnvironmentValues {
  nodeEnv: string | undefined;
  forceMockMode: boolean;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  maxConnections: string | undefined;
  absoluteTimeout: string | undefined;
}

/**
 * The mode that `NODE_ENV` names: `production`, `development`, and `mock` for everything else.
 *
 * Total, never throws, does not look at `FORCE_MOCK_MODE` or the URLs: refusing a deployment with
 * a hole in it is the factory's.
 */
export function getEnvironment(): ManagerEnvironment {
  switch (read('NODE_ENV')) {
    case 'production':
      return 'production';
    case 'development':
      return 'development';
    default:
      return 'mock';
  }
}

/**
 * The variables that decide how a manager is built.
 * @throws {ConfigurationInvalidError} naming the variable, what it got and what it takes.
 */
export function readEnvironment(): EnvironmentValues {
  return {
    nodeEnv: read('NODE_ENV'),
    forceMockMode: flag('FORCE_MOCK_MODE'),
    databaseUrl: read('DATABASE_URL'),
    redisUrl: read('REDIS_URL'),
    maxConnections: read('SESSION_MAX_CONNECTIONS'),
    absoluteTimeout: read('SESSION_ABSOLUTE_TIMEOUT'),
  };
}

/** The variables of {@link readEnvironment} as one text: equal while none of them changes. Never log it. */
export function environmentSeen(): string {
  return BUILD_VARIABLES.map((name) => read(name) ?? '').join('\0');
}

/** `SESSION_LOG_LEVEL`, else `debug` in development and `info` elsewhere. An unknown level counts as unset. */
export function logLevel(): LogLevel {
  const wanted = z.enum(['debug', 'info', 'warn', 'error']).safeParse(read('SESSION_LOG_LEVEL'));
  if (wanted.success) return wanted.data;
  return getEnvironment() === 'development' ? 'debug' : 'info';
}

/** `DATABASE_DIRECT_URL`, else `DATABASE_URL`: for migrations, which need a session of their own. */
export function directDatabaseUrl(): string | undefined {
  return read('DATABASE_DIRECT_URL') ?? read('DATABASE_URL');
}

/** Reads at run time: a bundler replaces `process.env.NODE_ENV` by the value of the build. */
function read(name: string): string | undefined {
  const variables = process.env;
  return variables[name] || undefined;
}

function flag(name: string): boolean {
  const got = read(name);
  if (got === undefined || got === 'false') return false;
  if (got === 'true') return true;
  throw new ConfigurationInvalidError(`${name} is ${JSON.stringify(got)}; it takes true or false`);
}
