/** One thing that was looked at: `warn` works but costs something, `fail` must be mended. */
export interface Check {
  name: string;
  status: 'ok' | 'warn' | 'fail';
  /** What was found, in one line, without credentials. */
  found: string;
  /** How to mend it, in one line; `null` where there is nothing to mend. */
  mend: string | null;
}

/** What PostgreSQL says of itself. */
export interface PostgresFacts {
  /** As `server_version_num`: 150004 is 15.4. */
  version: number;
  release: string;
  encoding: string;
  hasIcu: boolean;
  standby: boolean;
  /** Of the role, in milliseconds; 0 is none. */
  statementTimeout: number;
  /** What the role may not do, such as `DELETE on sessions."Session"`. */
  lacking: string[];
}

/** What one Redis says of itself. `null` where it does not tell. */
export interface RedisFacts {
  release: string;
  role: string;
  evictionPolicy: string | null;
  /** Most keys that it tracks for clients that keep near copies. */
  trackingMaxKeys: number | null;
  /** Commands that it refused to our user, such as `ZADD si:*`. */
  refused: string[];
}

const OLDEST_POSTGRES = 140_000;
const OLDEST_REDIS = 7;

export function good(name: string, found: string): Check {
  return { name, status: 'ok', found, mend: null };
}

export function poor(name: string, found: string, mend: string): Check {
  return { name, status: 'warn', found, mend };
}

export function bad(name: string, found: string, mend: string): Check {
  return { name, status: 'fail', found, mend };
}

export function judgePostgres(facts: PostgresFacts): Check[] {
  const { encoding, hasIcu, lacking, release, standby, statementTimeout, version } = facts;
  return [
    version >= OLDEST_POSTGRES
      ? good('postgres version', release)
      : bad('postgres version', release, 'upgrade PostgreSQL to 14 or newer'),
    encoding === 'UTF8'
      ? good('postgres encoding', encoding)
      : bad('postgres encoding', encoding, "make the database anew with ENCODING 'UTF8'"),
    hasIcu
      ? good('postgres collation', 'ICU is there')
      : bad(
          'postgres collation',
          'there is no collation "und-x-icu"',
          'use a PostgreSQL that is built with ICU; those of Debian, Docker and the clouds are',
        ),
    standby
      ? bad(
          'postgres role',
          'a standby: it may be behind, so none of its answers counts',
          'let DATABASE_URL name the primary',
        )
      : good('postgres role', 'primary'),
    statementTimeout > 0
      ? good('postgres timeout', `statement_timeout is ${statementTimeout} ms`)
      : poor(
          'postgres timeout',
          'statement_timeout is 0: a statement that was given up runs on in the server',
          "ALTER ROLE CURRENT_USER SET statement_timeout = '1s', as the application's role",
        ),
    lacking.length === 0
      ? good('postgres rights', 'the role may use every table that is there')
      : bad(
          'postgres rights',
          `the role lacks ${lacking.join(', ')}`,
          'session-management migrate --grant-to its name, as the owner of the tables',
        ),
  ];
}

export function judgeRedis(facts: RedisFacts): Check[] {
  const { release, role } = facts;
  const lacking = facts.refused.filter((command) => command !== TRACKING);
  return [
    Number.parseInt(release, 10) >= OLDEST_REDIS
      ? good('redis version', release)
      : bad('redis version', release, 'upgrade Redis to 7 or newer'),
    role === 'master'
      ? good('redis role', role)
      : bad(
          'redis role',
          role,
          'let REDIS_URL name the master, or its sentinels: redis+sentinel://',
        ),
    judgeEviction(facts),
    lacking.length === 0
      ? good('redis rights', 'every command that we use is allowed')
      : bad(
          'redis rights',
          `refused: ${lacking.join(', ')}`,
          'allow the user these commands, and the keys session:* and s?:*, each with your SESSION_KEY_PREFIX before it',
        ),
    judgeTracking(facts),
  ];
}

/** Sessions work without it; only the near copies stay away. */
const TRACKING = 'CLIENT TRACKING';

function judgeTracking({ refused, trackingMaxKeys }: RedisFacts): Check {
  const name = 'redis tracking';
  if (refused.includes(TRACKING)) {
    return poor(
      name,
      `the user may not send ${TRACKING}: processes keep no near copies, each lookup asks Redis`,
      'ACL SETUSER <user> +client',
    );
  }
  const most = trackingMaxKeys === null ? 'not told' : String(trackingMaxKeys);
  return good(name, `tracking-table-max-keys is ${most}`);
}

/** Every key has a TTL, so `volatile-*` chooses among the same keys as `allkeys-*`. */
function judgeEviction({ evictionPolicy }: RedisFacts): Check {
  const name = 'redis eviction';
  if (evictionPolicy === 'noeviction') return good(name, 'maxmemory-policy is noeviction');
  return poor(
    name,
    evictionPolicy === null
      ? 'maxmemory-policy is not told'
      : `maxmemory-policy is ${evictionPolicy}: every key has a TTL, so a full Redis drops tombstones too; ` +
          'a revoke then holds by the age of the copies alone (30 s)',
    'CONFIG SET maxmemory-policy noeviction, and give it a Redis of its own',
  );
}
