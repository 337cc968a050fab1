import { parseRedisAddress } from '../utils/redis-address.ts';

/** What the stores, their drivers and the system call a fault, in words that name no host and no user. */
const WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to that host',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host',
  ETIMEDOUT: 'no answer in time',
  '28000': 'the user is refused',
  '28P01': 'user or password is refused',
  '3D000': 'there is no such database',
  '42501': 'the role lacks a right',
  '53300': 'it has no connection left',
  '57P03': 'it is starting or stopping',
  '57014': 'the statement took too long',
  WRONGPASS: 'user or password is refused',
  NOAUTH: 'it wants a password',
  NOPERM: 'the user may not ask that',
  LOADING: 'it is still loading its data',
};

/** Why a store did not answer. Of what is not known, only the code: messages may hold credentials. */
export function wordsOf(error: unknown): string {
  const code = codeOf(error);
  return code === null ? 'no answer in time, or the connection broke' : (WORDS[code] ?? code);
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // Ours say which store; what befell it is below.
  if (error.cause !== undefined) return codeOf(error.cause);
  if ('code' in error && typeof error.code === 'string') {
    return /^[A-Z0-9_]+$/.test(error.code) ? error.code : null;
  }
  return /^([A-Z]{4,}) /.exec(error.message)?.[1] ?? null;
}

/** Host and database of a URL of PostgreSQL, without credentials. */
export function placeOfUrl(url: string): string {
  if (!URL.canParse(url)) return 'the database';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Where a Redis is, without credentials. */
export function placeOfRedis(url: string): string {
  const address = parseRedisAddress(url);
  if (address.shape === 'single') return placeOfUrl(address.url);
  return address.nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
}
