import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { parsePostgresUrl } from '../../src/utils/postgres-url.ts';

const PLACE = 'postgresql://ada:s3cret@db.example:5432/app';
const read = (url: string): string => parsePostgresUrl(url, 'DATABASE_URL');

function refusal(url: string): string {
  try {
    return `taken: ${read(url)}`;
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID' });
    return error instanceof Error ? error.message : '';
  }
}

describe('the schema', () => {
  it.each([
    ['?schema=public', ''],
    ['?schema=public&schema=public', ''],
    ['?sch%65ma=public', ''],
    ['?schema=public&sslmode=verify-full', '?sslmode=verify-full'],
    ['?sslrootcert=/etc/a%20b.crt&schema=public', '?sslrootcert=/etc/a%20b.crt'],
  ])('public is taken out of %s', (parameters, left) => {
    expect(read(PLACE + parameters)).toBe(PLACE + left);
  });

  it.each([
    '?schema=other',
    '?schema=',
    '?schema',
    '?schema=Public',
    '?sch%65ma=other',
    '?schema=public&schema=other',
    '?schema=other&schema=public',
    '?sslmode=require&schema=other',
  ])('is refused by name in %s', (parameters) => {
    const words = refusal(PLACE + parameters);
    expect(words).toMatch(/^DATABASE_URL: the parameter schema (takes public|has two values)/);
    expect(words).not.toMatch(/other|ada|s3cret|db\.example/);
  });

  it('is not chosen by other means', () => {
    expect(refusal(`${PLACE}?options=-c%20search_path%3Dother`)).toMatch(
      /parameter options .*ROLE/,
    );
    expect(refusal(`${PLACE}?search_path=other`)).toMatch(/parameter search_path is not read/);
  });
});

describe('other parameters', () => {
  it.each([
    '',
    '?',
    '?sslmode=disable',
    '?sslmode=no-verify',
    '?ssl=true',
    '?ssl=no-verify',
    '?uselibpqcompat=true&sslmode=require',
    '?sslmode=verify-full&sslrootcert=/a.crt&sslcert=/b.crt&sslkey=/c.key',
    '?sslmode=verify-full&sslnegotiation=direct',
    '?application_name=shop&fallback_application_name=shop',
    '?statement_timeout=1000&lock_timeout=5&idle_in_transaction_session_timeout=0',
    '?host=/var/run/postgresql',
  ])('are left as they are: %s', (parameters) => {
    expect(read(PLACE + parameters)).toBe(PLACE + parameters);
  });

  it.each([
    ['connection_limit=5', 'SESSION_MAX_CONNECTIONS'],
    ['pool_timeout=10', 'SESSION_POSTGRES_TIMEOUT'],
    ['connect_timeout=10', 'SESSION_POSTGRES_TIMEOUT'],
    ['socket_timeout=10', 'SESSION_POSTGRES_TIMEOUT'],
    ['query_timeout=10', 'SESSION_POSTGRES_TIMEOUT'],
    ['pgbouncer=true', 'DATABASE_DIRECT_URL'],
    ['statement_cache_size=0', 'remove it'],
    ['sslaccept=strict', 'sslmode'],
    ['sslidentity=a.p12', 'sslcert'],
    ['channel_binding=require', 'sslmode=verify-full'],
    ['dbname=app', '/database'],
    ['replication=database', 'remove it'],
    ['client_encoding=latin1', 'remove it'],
    ['Schema=public', 'remove it'],
    ['__proto__=x', 'remove it'],
  ])('that nobody reads are refused by name, with what to do: %s', (parameter, advice) => {
    const words = refusal(`${PLACE}?${parameter}`);
    expect(words).toMatch(`DATABASE_URL: the parameter ${parameter.split('=')[0]} is not read: `);
    expect(words).toContain(advice);
    expect(words).toContain('Taken: schema=public, application_name');
  });

  it.each([
    'ssl=false',
    'sslmode=Require',
    'sslmode=',
    'sslmode=require&sslmode=disable',
    'sslrootcert=',
    'sslnegotiation=tls',
    'uselibpqcompat=1',
    'statement_timeout=5s',
    'host=other.example',
    'port=9',
    'user=eve',
    'password=eve',
  ])('are refused where the driver would not do what they say: %s', (parameter) => {
    const words = refusal(`${PLACE}?${parameter}`);
    expect(words).toContain(`DATABASE_URL: the parameter ${parameter.split('=')[0]} `);
    expect(words).not.toContain('is not read');
    expect(words).not.toMatch(/eve|other\.example/);
  });

  it('are all named at once', () => {
    const words = refusal(`${PLACE}?schema=a&pgbouncer=true&sslmode=require&connection_limit=1`);
    expect(words.match(/parameter \w+/g)).toEqual([
      'parameter schema',
      'parameter pgbouncer',
      'parameter connection_limit',
    ]);
    expect(words).not.toContain('\n');
  });
});

describe('the URL itself', () => {
  it.each([
    'postgres:///app?host=/var/run/postgresql&port=5433&user=ada&password=s3cret',
    'postgresql://ada@/app?host=/var/run/postgresql&schema=public',
    'postgres://ada:100%@db.example/app?sslrootcert=/etc/a.crt&schema=public',
  ])('is read as the driver reads it: %s', (url) => {
    const [ours, theirs] = [read(url), url].map((each) => {
      const { database, host, password, port, user } = new pg.Client(
        each.replace(/sslrootcert=[^&]*&?/, ''),
      );
      return { database, host, password, port, user };
    });
    expect(ours).toEqual(theirs);
  });

  it.each([
    'mysql://ada:s3cret@db.example/app',
    ' postgres://ada:s3cret@db.example/app',
    'postgres://ada:s3#cret@db.example/app',
    'postgres://ada:s3/cret@db.example/app',
    'postgres://ada:s3?cret@db.example/app',
    'postgres://ada:3?cret@db.example/app',
    'postgres://ada:3?schema=s3cret@db.example/app',
    'postgres://ada:3?a&s3cret=@db.example/app',
    'postgres://ada:3#s3cret@db.example/app',
    'postgres:///app?host=/run/pg&user=ada&password=ab&s3cret',
    'postgres:///app?host=/run/pg&user=ada&password=ab&s3cret=1&c',
    'postgres://ada:s3cret@db.example/app#s3cret',
    'postgres://ada:s3cret@db.example:99999/app',
    'postgres://ada:s3cret@db.example/app?=s3cret',
  ])('is refused without a word of it: %s', (url) => {
    const words = refusal(url);
    expect(words).toMatch(/^DATABASE_URL(:| takes) .*(percent-encoded|%23)$/);
    expect(words).not.toMatch(/ada|s3|cret|example:|parameter \w/);
  });
});
