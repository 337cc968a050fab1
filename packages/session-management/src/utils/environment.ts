import { hostname } from 'node:os';
import { z } from 'zod';
import { ConfigurationInvalidError, type ManagerEnvironment } from '../types/index.ts';
import { parsePostgresUrl } from './postgres-url.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const BUILD_VARIABLES = [
  'NODE_ENV',
  'FORCE_MOCK_MODE',
  'DATABASE_URL',
  'REDIS_URL',
  'SESSION_KEY_PREFIX',
  'SESSION_MAX_CONNECTIONS',
  'SESSION_ABSOLUTE_TIMEOUT',
  'SESSION_REALMS',
  'SESSION_CONFIRM_AFTER',
  'SESSION_OUTAGE_GRACE',
  'SESSION_LOOKUP_DEADLINE',
  'SESSION_REDIS_TIMEOUT',
  'SESSION_POSTGRES_TIMEOUT',
  'SESSION_NEAR_COPIES',
  'SESSION_NEAR_COPIES_BYTES',
  'DATABASE_DIRECT_URL',
  'SESSION_LEGACY_UNTIL',
  'SESSION_LOGIN_LIMITS',
  'SESSION_CLEANUP_EVERY',
  'SESSION_AUDIT_KEEP',
] as const;

/** A variable that says how a manager is built. */
export type BuildVariable = (typeof BUILD_VARIABLES)[number];

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

/** A variable that says how a manager is built; an empty one counts as missing. */
export function buildVariable(name: BuildVariable): string | undefined {
  return read(name);
}

/**
 * Whether `FORCE_MOCK_MODE` is `true`.
 * @throws {ConfigurationInvalidError} for anything but `true` and `false`.
 */
export function isMockForced(): boolean {
  return flag('FORCE_MOCK_MODE');
}

/** The variables of {@link buildVariable} as one text: equal while none of them changes. Never log it. */
export function environmentSeen(): string {
  return BUILD_VARIABLES.map((name) => read(name) ?? '').join('\0');
}

/** `SESSION_LOG_LEVEL`, else `debug` in development and `info` elsewhere. An unknown level counts as unset. */
export function logLevel(): LogLevel {
  const wanted = z.enum(['debug', 'info', 'warn', 'error']).safeParse(read('SESSION_LOG_LEVEL'));
  if (wanted.success) return wanted.data;
  return getEnvironment() === 'development' ? 'debug' : 'info';
}

/**
 * `DATABASE_DIRECT_URL`, else `DATABASE_URL`: for migrations, which need a session of their own.
 * @throws {ConfigurationInvalidError} for either one: the application would not start with it.
 */
export function directDatabaseUrl(): string | undefined {
  const [direct, pooled] = (['DATABASE_DIRECT_URL', 'DATABASE_URL'] as const).map((name) => {
    const url = read(name);
    return url === undefined ? undefined : parsePostgresUrl(url, name);
  });
  return direct ?? pooled;
}

/** How this process is called beside others: its machine and its number there. */
export function processName(): string {
  return `${hostname()}:${process.pid}`;
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
