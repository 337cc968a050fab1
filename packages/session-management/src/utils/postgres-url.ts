import { ConfigurationInvalidError } from '../types/index.ts';
import { FRAGMENT, notRead, type RefusedParameter, refusalWords } from './url-parameters.ts';

interface Parameter {
  takes: RegExp;
  words: string;
}

const FILE: Parameter = { takes: /./, words: 'the path of a file' };
const TEXT: Parameter = { takes: /./, words: 'a text' };
const MILLISECONDS: Parameter = { takes: /^\d{1,9}$/, words: 'a whole number of milliseconds' };

/** What the driver reads and does as it says; each with the values that it knows. */
const PARAMETERS = new Map<string, Parameter>([
  [
    'schema',
    {
      takes: /^public$/,
      words: 'public alone: remove it, or give the sessions a database of their own',
    },
  ],
  ['application_name', TEXT],
  ['fallback_application_name', TEXT],
  ['host', { takes: /^\//, words: 'the directory of a socket: another host stands before the /' }],
  ['idle_in_transaction_session_timeout', MILLISECONDS],
  ['lock_timeout', MILLISECONDS],
  ['password', TEXT],
  ['port', { takes: /^\d{1,5}$/, words: 'a number' }],
  ['ssl', { takes: /^(true|1|0|no-verify)$/, words: 'true, 1, 0 or no-verify' }],
  ['sslcert', FILE],
  ['sslkey', FILE],
  [
    'sslmode',
    {
      takes: /^(disable|prefer|require|verify-ca|verify-full|no-verify)$/,
      words: 'disable, prefer, require, verify-ca, verify-full or no-verify',
    },
  ],
  ['sslnegotiation', { takes: /^(postgres|direct)$/, words: 'postgres or direct' }],
  ['sslrootcert', FILE],
  ['statement_timeout', MILLISECONDS],
  ['uselibpqcompat', { takes: /^(true|false)$/, words: 'true or false' }],
  ['user', TEXT],
]);

const WAIT = 'set SESSION_POSTGRES_TIMEOUT, half of which is the longest wait for a connection';
const TLS_FILES = 'set sslmode, sslrootcert, sslcert and sslkey';

/** What has the meaning here of a parameter that others read: Prisma, libpq, or the driver to our harm. */
const INSTEAD = new Map([
  ['channel_binding', 'remove it, and set sslmode=verify-full'],
  ['connect_timeout', WAIT],
  ['connection_limit', 'set SESSION_MAX_CONNECTIONS'],
  ['database', 'write it after the host: /database'],
  ['dbname', 'write it after the host: /database'],
  ['options', 'it could choose another schema; set what it sets by ALTER ROLE … SET'],
  ['pgbouncer', 'remove it, and set DATABASE_DIRECT_URL to PostgreSQL past the pooler'],
  ['pool_timeout', WAIT],
  ['query_timeout', 'set SESSION_POSTGRES_TIMEOUT'],
  ['search_path', 'give the sessions a database of their own'],
  ['socket_timeout', 'set SESSION_POSTGRES_TIMEOUT'],
  ['sslaccept', 'set sslmode to verify-full or no-verify'],
  ['sslidentity', TLS_FILES],
  ['sslpassword', TLS_FILES],
]);

const TAKES =
  'takes postgresql://user:password@host:port/database; it got something else. ' +
  'Characters such as @, /, ? and # in a password are percent-encoded';

/**
 * A URL of PostgreSQL as the driver may have it: `schema=public`, Prisma's own default, is taken out.
 *
 * @param setting - Where the URL came from, for the error.
 * @throws {ConfigurationInvalidError} for what is no such URL, and for a parameter that would be
 *   passed over or could lead to another schema. Names it; repeats no value.
 */
export function parsePostgresUrl(text: string, setting: string): string {
  const url = parsed(text);
  if (url === null) throw new ConfigurationInvalidError(`${setting} ${TAKES}`);
  if (url.hash !== '') throw new ConfigurationInvalidError(`${setting}: ${FRAGMENT}`);

  const refused = [...new Set(url.searchParams.keys())].flatMap((name) => judge(url, name));
  if (refused.length > 0) {
    const taken = [...PARAMETERS.keys()].join(', ').replace('schema', 'schema=public');
    const words = refusalWords(url.search, refused, taken);
    throw new ConfigurationInvalidError(`${setting}: ${words}`);
  }
  return url.searchParams.has('schema') ? withoutSchema(text) : text;
}

/** As the driver reads it: the host may be missing where a socket is named. */
function parsed(text: string): URL | null {
  if (!/^postgres(ql)?:\/\//.test(text)) return null;
  if (URL.canParse(text)) return new URL(text);
  const hosted = text.replace('@/', '@socket/');
  return URL.canParse(hosted) ? new URL(hosted) : null;
}

function judge(url: URL, name: string): RefusedParameter[] {
  const parameter = PARAMETERS.get(name);
  if (parameter === undefined) return [notRead(name, INSTEAD.get(name))];

  const [value = '', ...others] = new Set(url.searchParams.getAll(name));
  if (others.length > 0) return [{ name, why: 'has two values: leave one' }];
  if (!parameter.takes.test(value)) return [{ name, why: `takes ${parameter.words}` }];
  const isSaidBefore =
    (name === 'user' && url.username !== '') ||
    (name === 'password' && url.password !== '') ||
    (name === 'port' && url.port !== '');
  return isSaidBefore ? [{ name, why: 'also stands before the database: leave one' }] : [];
}

/** Piece by piece, so that what is kept is spelt as it was. */
function withoutSchema(text: string): string {
  const start = text.indexOf('?');
  const pieces = text.slice(start + 1).split('&');
  const kept = pieces.filter((piece) => !new URLSearchParams(piece).has('schema')).join('&');
  return text.slice(0, start) + (kept === '' ? '' : `?${kept}`);
}
